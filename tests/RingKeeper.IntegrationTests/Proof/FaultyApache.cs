using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>One Apache ZooKeeper that is killed, restarted in order, and frozen.</summary>
internal sealed class FaultyApache(ApacheZooKeeper server, ZooKeeperClient direct) : IFaultyServers
{
    public string Name => "one Apache ZooKeeper";

    public IReadOnlyList<int> Ports => [server.Port];

    public IReadOnlyList<Fault> Faults =>
    [
        new("killed", draws => FaultyEnsemble.KillAsync(server, draws.Shortly)),
        new("restarted", async _ =>
        {
            await server.StopAsync();
            await server.RestartAsync(Cancel.Soon);
        }),
        new("frozen for less than the sessions last", draws => FaultyEnsemble.FreezeAsync(server, draws.Shortly)),
        new("frozen for longer than the sessions last", draws => FaultyEnsemble.FreezeAsync(server, draws.Beyond)),
    ];

    public ZooKeeperClient Direct => direct;

    public static async Task<IFaultyServers> StartAsync()
    {
        var server = await ApacheZooKeeper.StartAsync();
        return new FaultyApache(server, await ZooKeeperClient.ConnectAsync(server.ConnectString, Cancel.Soon));
    }

    public async ValueTask DisposeAsync()
    {
        await direct.DisposeAsync();
        await server.DisposeAsync();
    }
}
