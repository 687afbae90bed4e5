using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>An embedded server that is restarted, drops connections and expires sessions.</summary>
internal sealed class FaultyEmbedded(EmbeddedZooKeeperServer server, ZooKeeperClient direct) : IFaultyServers
{
    public string Name => "the embedded server";

    public IReadOnlyList<int> Ports => [server.Port];

    public IReadOnlyList<Fault> Faults =>
    [
        new("stopped and started", async draws =>
        {
            await server.StopAsync();
            await Task.Delay(draws.Shortly, TimeProvider.System);
            await server.RestartAsync();
        }),
        new("all connections dropped", _ => server.DropAllConnectionsAsync()),
        new("a session expired", draws => server.ExpireSessionAsync(server.Sessions.Order().ElementAt(draws.Pick % server.Sessions.Count))),
    ];

    public ZooKeeperClient Direct => direct;

    public static async Task<IFaultyServers> StartAsync()
    {
        var server = await EmbeddedZooKeeperServer.StartAsync();
        return new FaultyEmbedded(server, await ZooKeeperClient.ConnectAsync(server.ConnectString, Cancel.Soon));
    }

    public async ValueTask DisposeAsync()
    {
        await direct.DisposeAsync();
        await server.DisposeAsync();
    }
}
