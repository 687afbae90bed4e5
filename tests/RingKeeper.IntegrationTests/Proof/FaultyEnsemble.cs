using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>Three Apache ZooKeeper servers that are killed, frozen, restarted one after the other, and cut off from each other.</summary>
internal sealed class FaultyEnsemble : IFaultyServers
{
    private readonly RealEnsemble _ensemble;

    private FaultyEnsemble(RealEnsemble ensemble, ZooKeeperClient direct)
    {
        (_ensemble, Direct) = (ensemble, direct);
        Faults =
        [
            new("leader killed", async draws => await KillAsync(await LeaderAsync(), draws.Some)),
            new("follower killed", async draws => await KillAsync(await FollowerAsync(draws), draws.Some)),
            new("leader frozen for less than the sessions last", async draws => await FreezeAsync(await LeaderAsync(), draws.Shortly)),
            new("follower frozen for less than the sessions last", async draws => await FreezeAsync(await FollowerAsync(draws), draws.Shortly)),
            new("leader frozen for longer than the sessions last", async draws => await FreezeAsync(await LeaderAsync(), draws.Beyond)),
            new("follower frozen for longer than the sessions last", async draws => await FreezeAsync(await FollowerAsync(draws), draws.Beyond)),
            new("rolling restart", _ => RollAsync()),
            new("follower cut off from the others", async draws => await CutOffAsync(await FollowerAsync(draws), draws.Some + draws.Shortly)),
            new("leader cut off from the others", async draws => await CutOffAsync(await LeaderAsync(), draws.Some + draws.Shortly)),
        ];
    }

    public string Name => "three Apache ZooKeepers";

    public IReadOnlyList<int> Ports => [.. _ensemble.Members.Select(member => member.Port)];

    public IReadOnlyList<Fault> Faults { get; }

    public ZooKeeperClient Direct { get; }

    public static async Task<IFaultyServers> StartAsync()
    {
        var ensemble = await RealEnsemble.StartAsync(cuttable: true);
        return new FaultyEnsemble(ensemble, await ZooKeeperClient.ConnectAsync(ensemble.ConnectString, Cancel.Soon));
    }

    public async ValueTask DisposeAsync()
    {
        await Direct.DisposeAsync();
        await _ensemble.DisposeAsync();
    }

    internal static async Task KillAsync(ApacheZooKeeper member, TimeSpan time)
    {
        await member.KillAsync();
        await Task.Delay(time, TimeProvider.System);
        await member.RestartAsync(Cancel.Soon);
    }

    internal static async Task FreezeAsync(ApacheZooKeeper member, TimeSpan time)
    {
        member.Pause();
        await Task.Delay(time, TimeProvider.System);
        member.Resume();
    }

    private async Task CutOffAsync(ApacheZooKeeper member, TimeSpan time)
    {
        _ensemble.CutOff(member);
        await Task.Delay(time, TimeProvider.System);
        _ensemble.Mend();
    }

    private async Task RollAsync()
    {
        foreach (var member in _ensemble.Members)
        {
            await member.StopAsync();
            await member.RestartAsync(Cancel.Soon);
        }
    }

    // There is one, or will be: a sync is answered when there is.
    private async Task<ApacheZooKeeper> LeaderAsync()
    {
        var soon = Cancel.Soon;
        while (true)
        {
            await Direct.SyncAsync("/", soon);
            try
            {
                return await _ensemble.FindLeaderAsync(soon);
            }
            catch (InvalidOperationException) when (!soon.IsCancellationRequested)
            {
                // It was one a moment ago.
            }
        }
    }

    private async Task<ApacheZooKeeper> FollowerAsync(Draws draws)
    {
        var leader = await LeaderAsync();
        return _ensemble.Members.Where(member => member != leader).ElementAt(draws.Pick % 2);
    }
}
