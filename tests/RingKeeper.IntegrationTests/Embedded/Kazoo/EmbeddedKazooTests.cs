using System.Globalization;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Embedded.Kazoo;

/// <summary>kazoo, a client written by others, against the embedded server.</summary>
public sealed class EmbeddedKazooTests
{
    [Theory]
    [MemberData(nameof(KazooChecks.OfAnyServer), MemberType = typeof(KazooChecks))]
    public async Task Kazoo_is_served(string check)
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await KazooProcess.CheckAsync(server.ConnectString, check);
    }

    [Theory]
    [MemberData(nameof(KazooChecks.OfAControlledServer), MemberType = typeof(KazooChecks))]
    public async Task Kazoo_survives_what_the_server_does_to_it(string check)
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await KazooProcess.CheckAsync(server.ConnectString, check, line => ObeyAsync(server, line));
    }

    [Fact]
    public async Task Every_check_of_the_suite_is_run() => Assert.Equal(
        [.. KazooChecks.OfAnyServer.Select(row => row.Data), .. KazooChecks.OfAControlledServer.Select(row => $"{row.Data} control")],
        await KazooProcess.ListAsync());

    private static async Task<bool> ObeyAsync(EmbeddedZooKeeperServer server, string line)
    {
        switch (line.Split(' '))
        {
            case ["drop", var session]:
                await server.DropConnectionAsync(long.Parse(session, CultureInfo.InvariantCulture));
                return true;
            case ["expire", var session]:
                await server.ExpireSessionAsync(long.Parse(session, CultureInfo.InvariantCulture));
                return true;
            case ["refuse"]:
                server.RefuseConnections = true;
                return true;
            case ["accept"]:
                server.RefuseConnections = false;
                return true;
            default:
                return false;
        }
    }
}
