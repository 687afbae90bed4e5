using System.Diagnostics;
using RingKeeper.IntegrationTests.Servers;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Shards;

public sealed class SingleConnectorTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Every_key_goes_to_the_one_server_and_is_valid_for_ever()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connector = await SingleConnector.ConnectAsync(server.Addr);

        var route = await connector.ConnectAsync("key");
        await route.Database.StringSetAsync("key", "value");

        Assert.Equal((0L, server.Addr), (route.ValidSince, route.Shard.Addr));
        Assert.Equal("value", await (await connector.ConnectAsync("other")).Database.StringGetAsync("key"));
    }

    [Fact]
    public async Task An_operation_on_a_killed_server_fails_at_once_and_works_again_after_its_return()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connector = await SingleConnector.ConnectAsync(server.Addr);
        var database = (await connector.ConnectAsync("key")).Database;
        await database.PingAsync();

        await server.KillAsync();
        await Assert.ThrowsAnyAsync<RedisException>(() => database.PingAsync());
        var clock = Stopwatch.StartNew();
        await Assert.ThrowsAsync<RedisConnectionException>(() => database.PingAsync());
        Assert.True(clock.Elapsed < TimeSpan.FromMilliseconds(900), $"It waited {clock.Elapsed}.");

        var restored = new TaskCompletionSource();
        database.Multiplexer.ConnectionRestored += (_, _) => restored.TrySetResult();
        await server.RestartAsync();
        await restored.Task.WaitAsync(Soon);
        await database.PingAsync();
    }

    [Fact]
    public async Task A_server_that_is_away_at_first_does_not_fail_the_connect()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();

        await using var connector = await SingleConnector.ConnectAsync(server.Addr, new ClusterOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) });

        await Assert.ThrowsAsync<RedisConnectionException>(async () => await (await connector.ConnectAsync("key")).Database.PingAsync());
    }

    [Fact]
    public async Task A_disposed_connector_says_so_and_an_unreadable_address_is_refused()
    {
        await using var server = await RedisServer.StartAsync();
        var connector = await SingleConnector.ConnectAsync(server.Addr);
        await connector.DisposeAsync();
        await connector.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => connector.ConnectAsync("key").AsTask());
        Assert.Contains("'nowhere'", (await Assert.ThrowsAsync<RingKeeperException>(() => SingleConnector.ConnectAsync("nowhere"))).Message, StringComparison.Ordinal);
    }
}
