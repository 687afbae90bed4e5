using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>An embedded server that is restarted, drops connections, loses and holds back replies, moves, doubles and expires sessions.</summary>
internal sealed class FaultyEmbedded(EmbeddedZooKeeperServer server, ZooKeeperClient direct) : IFaultyServers
{
    public string Name => "the embedded server";

    public IReadOnlyList<int> Ports => [server.Port];

    public IReadOnlyList<Fault> Faults => [.. OfTheServer.Select(AmidLosses)];

    public ZooKeeperClient Direct => direct;

    private Fault[] OfTheServer =>
    [
        new("stopped and started", async draws =>
        {
            await server.StopAsync();
            await Task.Delay(draws.Shortly, TimeProvider.System);
            await server.RestartAsync();
        }),
        new("all connections dropped", _ => server.DropAllConnectionsAsync()),
        new("replies held back for less than the sessions last", async draws =>
        {
            await using var held = await server.Faults.HoldRepliesAsync();
            await Task.Delay(draws.Shortly, TimeProvider.System);
        }),
        new("a session moved", draws => server.Faults.MoveSessionAsync(AnyOf(server, draws))),
        new("a session connected twice", async draws =>
        {
            try
            {
                await using var twin = await server.Faults.DuplicateConnectionAsync(AnyOf(server, draws));
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // The session ended, or its client was back, before the second connection had its answer.
            }
        }),
        new("a session expired", draws => server.ExpireSessionAsync(AnyOf(server, draws))),
    ];

    public static async Task<IFaultyServers> StartAsync()
    {
        var server = await EmbeddedZooKeeperServer.StartAsync();
        return new FaultyEmbedded(server, await ZooKeeperClient.ConnectAsync(server.ConnectString, Cancel.Soon));
    }

    // Around each, replies and requests are lost at random: nothing else tells of a write that was done and not answered.
    private Fault AmidLosses(Fault fault) => new($"{fault.Name} amid losses", async draws =>
    {
        server.Faults.Run(FaultPlan.Random(draws.Pick, rate: 0.02));
        try
        {
            await fault.DoAsync(draws);
            await Task.Delay(draws.Shortly, TimeProvider.System);
        }
        finally
        {
            server.Faults.Run(null);
        }
    });

    private static long AnyOf(EmbeddedZooKeeperServer server, Draws draws)
    {
        var sessions = server.Sessions.Order().ToList();
        return sessions[draws.Pick % sessions.Count];
    }

    public async ValueTask DisposeAsync()
    {
        await direct.DisposeAsync();
        await server.DisposeAsync();
    }
}
