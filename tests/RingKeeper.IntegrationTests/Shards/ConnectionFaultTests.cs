using System.Diagnostics;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Shards;

/// <summary>Connections to shards that hang, leave or swallow answers.</summary>
public sealed class ConnectionFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private RedisServer _first = null!;
    private RedisServer _second = null!;
    private TcpProxy _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _first = await RedisServer.StartAsync();
        _second = await RedisServer.StartAsync();
        _proxy = TcpProxy.Start(_first.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    [Trait("Run", "Alone")]
    public async Task A_new_shard_that_hangs_delays_the_swap_no_longer_than_the_connect_timeout()
    {
        var nodes = new Nodes(_first.Addr);
        await using var cluster = await ConnectAsync(nodes, new ClusterOptions { ConnectTimeout = TimeSpan.FromMilliseconds(500) });
        _second.Pause();
        nodes.Addrs = [_first.Addr, _second.Addr];
        var clock = Stopwatch.StartNew();
        var reloading = cluster.ReloadAsync();

        // The earlier view serves on meanwhile.
        Assert.Equal(_first.Addr, (await cluster.ConnectAsync("key")).Shard.Addr);
        await reloading.WaitAsync(Soon);
        Assert.InRange(clock.ElapsedMilliseconds, 300, 3000);
        Assert.Equal(2, cluster.View.Ring.Shards.Count);

        var served = Enumerable.Range(0, 1000).Select(i => $"key{i}").First(key => cluster.View.Ring.Shards[cluster.View.Ring.GetOwner(System.Text.Encoding.UTF8.GetBytes(key))].Addr == _first.Addr);
        await (await cluster.ConnectAsync(served)).Database.PingAsync();
    }

    [Fact]
    public async Task An_operation_on_the_way_to_a_removed_shard_still_ends_well()
    {
        var nodes = new Nodes(_proxy.Addr);
        await using var cluster = await ConnectAsync(nodes, new ClusterOptions { ConfigureRedis = redis => redis.AsyncTimeout = 20_000 });
        var old = (await cluster.ConnectAsync("key")).Database;
        await old.StringSetAsync("key", "value");
        _proxy.Stall(StallDirection.ToClient);
        var pending = old.StringGetAsync("key");
        nodes.Addrs = [_second.Addr];
        await cluster.ReloadAsync().WaitAsync(Soon);
        Assert.Equal(_second.Addr, (await cluster.ConnectAsync("key")).Shard.Addr);
        Assert.False(pending.IsCompleted);

        _proxy.Resume();

        Assert.Equal("value", await pending.WaitAsync(Soon));
    }

    [Fact]
    public async Task The_connection_to_a_removed_shard_that_hangs_is_closed_after_the_drain_timeout()
    {
        var nodes = new Nodes(_first.Addr);
        await using var cluster = await ConnectAsync(
            nodes, new ClusterOptions { DrainTimeout = TimeSpan.FromMilliseconds(400), ConfigureRedis = redis => redis.AsyncTimeout = 60_000 });
        var old = (await cluster.ConnectAsync("key")).Database;
        await old.PingAsync();
        _first.Pause();
        var pending = old.StringGetAsync("key");
        var clock = Stopwatch.StartNew();
        nodes.Addrs = [_second.Addr];
        await cluster.ReloadAsync().WaitAsync(Soon);

        await Assert.ThrowsAnyAsync<RedisConnectionException>(() => pending.WaitAsync(Soon));
        Assert.True(clock.ElapsedMilliseconds >= 390, $"It waited {clock.Elapsed}.");
    }

    [Theory]
    [InlineData(CommandFlags.CommandRetryNever, 1)]
    [InlineData(CommandFlags.CommandRetryWriteAccumulating, 1)]
    [InlineData(CommandFlags.CommandRetryWriteLastWins, 2)]
    public async Task A_write_whose_answer_was_lost_is_repeated_only_where_the_caller_says_that_it_does_no_harm(CommandFlags category, int applied)
    {
        await using var connector = await SingleConnector.ConnectAsync(_proxy.Addr);
        await (await connector.ConnectAsync("counter")).Database.PingAsync();
        _proxy.Stall(StallDirection.ToClient);
        var attempts = 0;
        var running = connector.ExecuteAsync(
            "counter",
            route =>
            {
                if (++attempts > 1)
                {
                    _proxy.Resume();
                }

                return route.Database.StringIncrementAsync("counter");
            },
            category);

        if (applied == 1)
        {
            var error = await Assert.ThrowsAsync<RedisTimeoutException>(() => running.WaitAsync(Soon));
            Assert.Equal(CommandStatus.Sent, error.Commandstatus);
        }
        else
        {
            Assert.Equal(applied, await running.WaitAsync(Soon));
        }

        await using var direct = await ConnectionMultiplexer.ConnectAsync(_first.Addr);
        Assert.Equal(applied, (int)await direct.GetDatabase().StringGetAsync("counter"));
        Assert.Equal(applied, attempts);
    }

    [Fact]
    public async Task A_write_that_was_never_sent_is_applied_once_its_shard_is_back()
    {
        await using var connector = await SingleConnector.ConnectAsync(_first.Addr);
        await (await connector.ConnectAsync("counter")).Database.PingAsync();
        await _first.KillAsync();
        await Assert.ThrowsAnyAsync<RedisException>(async () => await (await connector.ConnectAsync("counter")).Database.PingAsync());
        var failed = new TaskCompletionSource();
        var running = connector.ExecuteAsync(
            "counter",
            async route =>
            {
                try
                {
                    return await route.Database.StringIncrementAsync("counter");
                }
                catch (RedisConnectionException)
                {
                    failed.TrySetResult();
                    throw;
                }
            },
            deadline: Soon);
        await failed.Task.WaitAsync(Soon);

        await _first.RestartAsync();

        Assert.Equal(1, await running.WaitAsync(Soon));
    }

    private static async Task<Cluster> ConnectAsync(Nodes nodes, ClusterOptions options)
    {
        var cluster = await Cluster.ConnectAsync(
            options with { ReadyTimeout = Soon },
            nodes,
            RingTypes.CreateBuilder(RingTypes.Consistent, "40"),
            new LocalChecker(new LocalCheckerOptions { Interval = TimeSpan.FromMilliseconds(100), Threshold = TimeSpan.FromSeconds(60) }));
        await cluster.ConnectAsync("key");
        return cluster;
    }

    private sealed class Nodes(params string[] addrs) : INodeReader
    {
        public string[] Addrs { get; set; } = addrs;

        public ValueTask<IReadOnlyList<Shard>> ReadNodesAsync(CancellationToken cancellationToken = default) =>
            new([.. Addrs.Select(addr => new Shard(addr, addr))]);
    }
}
