using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>A client that does not wait for its first session.</summary>
public sealed class OpenClientTests
{
    [Fact]
    public async Task A_client_opened_while_the_server_is_away_connects_by_itself_and_takes_requests_and_watches_meanwhile()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await server.StopAsync();
        await using var client = ZooKeeperClient.Open(new ZooKeeperClientOptions { ConnectString = server.ConnectString });
        Assert.Equal(SessionState.Connecting, client.Session.State);
        Assert.Equal(0, client.LastContact);
        var arming = client.WatchAsync("/node", WatchMode.Persistent, Cancel.Soon);
        var creating = client.CreateAsync("/node", default, cancellationToken: Cancel.Soon);
        Assert.False(creating.IsCompleted);

        await server.RestartAsync();

        await using var watch = await arming;
        Assert.Equal("/node", await creating);
        await foreach (var change in watch.ReadAllAsync(Cancel.Soon))
        {
            Assert.Equal(WatchedEventType.NodeCreated, change.Type);
            break;
        }

        Assert.Equal((SessionState.Connected, 1), (client.Session.State, client.Session.Epoch));
        Assert.NotEqual(0, client.LastContact);
    }

    [Fact]
    public async Task A_client_that_never_connected_closes_at_once_and_bad_options_are_refused_at_once()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await server.StopAsync();
        var client = ZooKeeperClient.Open(new ZooKeeperClientOptions { ConnectString = server.ConnectString });
        await client.DisposeAsync().AsTask().WaitAsync(Cancel.Soon);

        Assert.Equal(SessionState.Closed, client.Session.State);
        Assert.ThrowsAny<ArgumentException>(() => ZooKeeperClient.Open(new ZooKeeperClientOptions { ConnectString = "" }));
    }
}
