using System.Net;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Recipes;

/// <summary>
/// A follower that is cut off from the other two servers answers the pings and reads of its clients for seconds on, while the others have long ended their sessions. Who holds a lock through it must have
/// lost it before another holds it.
/// </summary>
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class CutOffFollowerTests : IAsyncLifetime
{
    private const int Locks = 6;

    private readonly List<ApacheZooKeeper> _members = [];
    private readonly Dictionary<(int From, int To), TcpProxy> _links = [];

    [Fact]
    public async Task Locks_held_through_a_follower_that_is_cut_off_are_lost_before_others_hold_them()
    {
        var follower = await FindFollowerAsync();
        var elsewhere = _members.First(m => m != follower);
        await using var cutOff = await ConnectAsync(follower);
        await using var other = await ConnectAsync(elsewhere);
        var held = new List<LockHandle>();
        var lostAt = new long[Locks];
        var stateWhenLost = new SessionState[Locks];
        var registrations = new List<CancellationTokenRegistration>();
        for (var i = 0; i < Locks; i++)
        {
            var handle = await new DistributedLock(cutOff, $"/lock{i}").AcquireAsync(Cancel.Soon);
            var place = i;
            registrations.Add(handle.LostToken.Register(() => (lostAt[place], stateWhenLost[place]) = (TimeProvider.System.GetTimestamp(), cutOff.Session.State)));
            held.Add(handle);
        }

        // Held for longer than a session timeout, so that what holds them now are writes.
        await Task.Delay(cutOff.Session.NegotiatedTimeout * 1.5, TimeProvider.System, Cancel.Soon);
        Assert.All(held, handle => Assert.True(handle.IsHeld));
        var waiting = Enumerable.Range(0, Locks).Select(i => HoldAsync(other, $"/lock{i}")).ToList();
        foreach (var handle in held)
        {
            await WhenTwoAsync(other, handle.Path[..handle.Path.LastIndexOf('/')]);
        }

        var cutAt = TimeProvider.System.GetTimestamp();
        foreach (var (_, link) in _links.Where(l => l.Key.From == follower.Id || l.Key.To == follower.Id))
        {
            link.Stall();
        }

        var next = await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(30));
        for (var i = 0; i < Locks; i++)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"lock {i}: lost {Ms(cutAt, lostAt[i])} ms after the cut ({held[i].End}, client {stateWhenLost[i]}), held by the other after {Ms(cutAt, next[i].At)} ms");
            Assert.InRange(lostAt[i], cutAt, next[i].At);
            Assert.Equal(TenureEnd.LeaseRanOut, held[i].End);

            // The follower went on to answer: nothing that a client hears from it would have told.
            Assert.Equal(SessionState.Connected, stateWhenLost[i]);
            Assert.True(next[i].Handle.FencingToken > held[i].FencingToken);
        }

        await other.DisposeAsync();
        await cutOff.DisposeAsync();
    }

    public async ValueTask InitializeAsync()
    {
        var ids = Enumerable.Range(1, 3).ToList();
        var ports = ids.ToDictionary(id => id, _ => (Quorum: FreePort.Next(), Election: FreePort.Next()));
        var starting = new List<Task<ApacheZooKeeper>>();
        foreach (var from in ids)
        {
            // In ticks of 200 ms: the follower serves on for 3 s.
            var settings = new Dictionary<string, string> { ["initLimit"] = "40", ["syncLimit"] = "15" };
            foreach (var to in ids)
            {
                var quorum = ports[to].Quorum;
                if (from != to)
                {
                    _links[(from, to)] = TcpProxy.Start(quorum);
                    quorum = _links[(from, to)].Port;
                }

                settings[$"server.{to}"] = $"127.0.0.1:{quorum}:{ports[to].Election}";
            }

            starting.Add(ApacheZooKeeper.StartMemberAsync(from, IPAddress.Loopback, settings));
        }

        await ((Task)Task.WhenAll(starting)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _members.AddRange(starting.Where(s => s.IsCompletedSuccessfully).Select(s => s.Result));
        await Task.WhenAll(starting);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
        {
            await member.DisposeAsync();
        }

        foreach (var link in _links.Values)
        {
            await link.DisposeAsync();
        }
    }

    private static async Task<(LockHandle Handle, long At)> HoldAsync(ZooKeeperClient client, string path)
    {
        var handle = await new DistributedLock(client, path).AcquireAsync(Cancel.Soon);
        return (handle, TimeProvider.System.GetTimestamp());
    }

    private static async Task WhenTwoAsync(ZooKeeperClient client, string parent)
    {
        while (await client.GetChildrenAndWatchAsync(parent, Cancel.Soon) is { Value.Names.Count: < 2 } watch)
        {
            await watch.Changed.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }

    private static Task<ZooKeeperClient> ConnectAsync(ApacheZooKeeper member) => ZooKeeperClient.ConnectAsync(
        new ZooKeeperClientOptions { ConnectString = member.ConnectString, SessionTimeout = TimeSpan.FromSeconds(1.6) }, Cancel.Soon);

    private static string Ms(long from, long to) => $"{TimeProvider.System.GetElapsedTime(from, to).TotalMilliseconds:0}";

    private async Task<ApacheZooKeeper> FindFollowerAsync()
    {
        foreach (var member in _members)
        {
            if ((await member.AskAsync("srvr", Cancel.Soon)).Contains("Mode: follower", StringComparison.Ordinal))
            {
                return member;
            }
        }

        throw new InvalidOperationException("No member follows.");
    }
}
