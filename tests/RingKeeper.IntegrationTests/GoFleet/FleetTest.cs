using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.GoFleet;

/// <summary>A cluster on the embedded pair, looked at through a raw ZooKeeper client.</summary>
public abstract class FleetTest : IAsyncLifetime
{
    /// <summary>Options as a Go manager would give them: no number of checkers is expected.</summary>
    private protected static ZKClusterOptions OfGo { get; } = new();

    private protected EmbeddedStack Stack { get; } = new();

    private protected ZooKeeperClient Raw { get; private set; } = null!;

    private protected string Status => ZKPaths.Status(Stack.Name);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Raw is not null)
        {
            await Raw.DisposeAsync();
        }

        await Stack.DisposeAsync();
    }

    private protected async Task StartEmptyAsync()
    {
        await Stack.StartEmptyAsync();
        Raw = await ZooKeeperClient.ConnectAsync(Stack.ZKServers, Cancel.Soon);
    }

    private protected async Task StartAsync(int shards, int checkers, ZKClusterOptions? options = null)
    {
        await Stack.StartAsync(shards, checkers, options ?? (checkers == 0 ? OfGo : null));
        Raw = await ZooKeeperClient.ConnectAsync(Stack.ZKServers, Cancel.Soon);
    }

    private protected string Addr(string shard) => Stack.Shards[shard].Addr;

    private protected Task<IReadOnlyList<string>> VotesAsync() => Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon);

    private protected async Task<(string Node, long Owner)> LeaderAsync()
    {
        var node = (await VotesAsync())[0];
        return (node, (await Znodes.StatAsync(Raw, ZKPaths.Vote(Stack.Name, node))).EphemeralOwner);
    }

    private protected Task WaitForLeaderAsync(Func<long, bool> isAsWanted) => Znodes.WaitAsync(
        Raw,
        ZKPaths.LocalStatus(Stack.Name),
        async () => await VotesAsync() is [var first, ..]
            && await Raw.ExistsAsync(ZKPaths.Vote(Stack.Name, first), Cancel.Soon) is { } stat && isAsWanted(stat.EphemeralOwner));

    private protected async Task<ZKChecker> StartCheckerAsync(string servers, TimeSpan session, int workers = 4)
    {
        var checker = await ZKChecker.ConnectAsync(
            new ZKCheckerOptions { ZKServers = servers, ZKTimeout = session, ClusterName = Stack.Name, Interval = Stack.Interval, Threshold = Stack.Threshold, WorkerCount = workers },
            Cancel.Soon);
        await checker.StartAsync(Cancel.Soon);
        return checker;
    }

    /// <summary>Kills a shard and returns once the checker of another cluster has decided so: whoever watches it has had the time to act.</summary>
    private protected async Task KillUnderOtherEyesAsync(string shard)
    {
        await Stack.Manager.CreateClusterAsync("other", [new Shard("a", Addr(shard))], OfGo, Cancel.Soon);
        await using var other = await ZKChecker.ConnectAsync(
            new ZKCheckerOptions { ZKServers = Stack.ZKServers, ClusterName = "other", Interval = Stack.Interval, Threshold = Stack.Threshold }, Cancel.Soon);
        await other.StartAsync(Cancel.Soon);
        await Znodes.WaitForStatusAsync(Raw, "other", s => s.Values.Any(e => e.Alive));
        await Stack.Shards[shard].KillAsync();
        await Znodes.WaitForStatusAsync(Raw, "other", s => s.Values.Any(e => !e.Alive));
    }

    private protected async Task WriteStatusAsync(params (string Shard, bool Alive, long Since)[] entries)
    {
        var status = GoJson.Statuses(entries.ToDictionary(e => Addr(e.Shard), e => new GoStatus(Addr(e.Shard), e.Alive, e.Since)));
        if (await Raw.ExistsAsync(Status, Cancel.Soon) is null)
        {
            await Raw.CreateAsync(Status, status, cancellationToken: Cancel.Soon);
        }
        else
        {
            await Raw.SetDataAsync(Status, status, cancellationToken: Cancel.Soon);
        }
    }
}
