using RingKeeper.IntegrationTests.Servers;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Shards;

public sealed class ClusterTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_dead_shards_keys_move_to_the_next_one_and_come_back(bool killed)
    {
        await using var first = await RedisServer.StartAsync();
        await using var second = await RedisServer.StartAsync();
        await using var cluster = await ConnectAsync(new Nodes(first, second));
        const string Key = "some-key";
        var owner = (await cluster.ConnectAsync(Key)).Shard;
        var server = owner.Addr == first.Addr ? first : second;
        await SetAsync(cluster, Key, "v1");

        if (killed)
        {
            await server.KillAsync();
        }
        else
        {
            server.Pause();
        }

        var moved = await RouteWhenAsync(cluster, Key, route => route.Shard != owner);
        await moved.Database.StringSetAsync(Key, "v2");
        await Assert.ThrowsAsync<NoShardAvailableException>(() => cluster.ConnectAsync(Key, RoutePolicy.OwnerOnly).AsTask());

        if (killed)
        {
            await server.RestartAsync();
        }
        else
        {
            server.Resume();
        }

        var back = await RouteWhenAsync(cluster, Key, route => route.Shard == owner);
        Assert.True(back.ValidSince > moved.ValidSince);
    }

    [Fact]
    public async Task A_new_shard_is_connected_before_keys_go_to_it_and_a_removed_one_is_closed()
    {
        await using var first = await RedisServer.StartAsync();
        await using var second = await RedisServer.StartAsync();
        var nodes = new Nodes(first);
        await using var cluster = await ConnectAsync(nodes);
        var old = (await cluster.ConnectAsync("key")).Database;
        await old.PingAsync();

        nodes.Servers = [second];
        await cluster.ReloadAsync();
        var route = await cluster.ConnectAsync("key");

        Assert.Equal(second.Addr, route.Shard.Addr);
        Assert.True(route.Database.Multiplexer.IsConnected);
        await route.Database.PingAsync();
        await cluster.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => old.PingAsync());
    }

    [Fact]
    public async Task Passwords_reach_checker_and_connections()
    {
        await using var server = await RedisServer.StartAsync(["--requirepass", "secret-word"]);
        await using var cluster = await ConnectAsync(new Nodes(server), options => options.Password = "secret-word");

        await SetAsync(cluster, "key", "value");

        Assert.Equal("value", await (await cluster.ConnectAsync("key")).Database.StringGetAsync("key"));
    }

    private static async Task SetAsync(Cluster cluster, string key, string value) =>
        await (await cluster.ConnectAsync(key)).Database.StringSetAsync(key, value);

    private static Task<Cluster> ConnectAsync(Nodes nodes, Action<ConfigurationOptions>? configureRedis = null) =>
        Cluster.ConnectAsync(
            new ClusterOptions { ConfigureRedis = configureRedis, ReadyTimeout = Soon },
            nodes,
            RingTypes.CreateBuilder(RingTypes.Consistent, "40"),
            new LocalChecker(new LocalCheckerOptions
            {
                Interval = TimeSpan.FromMilliseconds(100),
                Threshold = TimeSpan.FromMilliseconds(800),
                ConfigureRedis = configureRedis,
            }));

    private static async Task<ShardRoute> RouteWhenAsync(Cluster cluster, string key, Predicate<ShardRoute> condition)
    {
        using var deadline = new CancellationTokenSource(Soon);
        await foreach (var _ in cluster.WatchViewsAsync(deadline.Token))
        {
            if (await cluster.ConnectAsync(key, RoutePolicy.Failover, deadline.Token) is var route && condition(route))
            {
                return route;
            }
        }

        throw new TimeoutException("The cluster was disposed.");
    }

    private sealed class Nodes(params RedisServer[] servers) : INodeReader
    {
        public RedisServer[] Servers { get; set; } = servers;

        public ValueTask<IReadOnlyList<Shard>> ReadNodesAsync(CancellationToken cancellationToken = default) =>
            new([.. Servers.Select((server, i) => new Shard($"node{i}", server.Addr))]);
    }
}
