using RingKeeper.IntegrationTests.Servers;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Shards;

/// <summary>The database of the connectors that need no ZooKeeper.</summary>
public sealed class GetDatabaseTests
{
    [Fact]
    public async Task A_single_server_takes_every_key_by_the_rules_of_a_ring()
    {
        await using var server = await RedisServer.StartAsync();
        var connector = await SingleConnector.ConnectAsync(server.Addr);
        var db = connector.GetDatabase();

        await db.StringSetAsync([new("a", "1"), new("b", "2")], When.Always, default, CommandFlags.None);

        Assert.Equal(["1", "2"], db.StringGet(["a", "b"]).Select(value => (string)value!));
        Assert.Same(db, connector.GetDatabase());
        Assert.Equal(0, db.Database);
        Assert.True(db.IsConnected("a"));
        Assert.Same(connector.GetMultiplexer(), db.Multiplexer);
        Assert.Equal(server.Addr, Assert.Single(connector.GetMultiplexer().GetServers()).EndPoint.ToString());
        Assert.Equal(2, await connector.GetServer().DatabaseSizeAsync());
        Assert.Equal("2", await Assert.Single(connector.GetShardDatabases()).StringGetAsync("b"));
        var transaction = db.CreateTransaction();
        transaction.AddCondition(Condition.StringEqual("a", "1"));
        var other = transaction.StringIncrementAsync("b");
        Assert.True(await transaction.ExecuteAsync());
        Assert.Equal(3, await other);
        await connector.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => db.StringGet("a"));
        Assert.Throws<ObjectDisposedException>(() => { _ = db.StringGetAsync("a"); });
    }

    [Fact]
    public async Task A_cluster_put_together_by_hand_has_a_database_too()
    {
        await using var first = await RedisServer.StartAsync();
        await using var second = await RedisServer.StartAsync();
        await using var cluster = await Cluster.ConnectAsync(
            new ClusterOptions { ReadyTimeout = TimeSpan.FromSeconds(20), ConfigureRedis = options => options.SyncTimeout = 700 },
            new Nodes(first, second),
            RingTypes.CreateBuilder(RingTypes.Consistent, "40"),
            new LocalChecker(new LocalCheckerOptions()));
        var db = cluster.GetDatabase();

        // The first calls wait for the checker's first answers.
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => db.StringSetAsync($"k{i}", i)));

        Assert.Equal(Enumerable.Range(0, 20), Enumerable.Range(0, 20).Select(i => (int)db.StringGet($"k{i}")));
        Assert.NotEqual(await db.IdentifyEndpointAsync(KeyOn(cluster, 0)), await db.IdentifyEndpointAsync(KeyOn(cluster, 1)));
#pragma warning disable SER308 // Blocking is what these are for.
        Assert.Equal(7, db.Wait(Task.FromResult(7)));
        Assert.False(db.TryWait(new TaskCompletionSource().Task));
#pragma warning restore SER308
    }

    private static RedisKey KeyOn(Cluster cluster, int shard) =>
        Enumerable.Range(0, 1000).Select(i => $"k{i}").First(key => cluster.View.Ring.GetOwner(System.Text.Encoding.UTF8.GetBytes(key)) == shard);

    private sealed class Nodes(params RedisServer[] servers) : INodeReader
    {
        public ValueTask<IReadOnlyList<Shard>> ReadNodesAsync(CancellationToken cancellationToken = default) =>
            new([.. servers.Select((server, i) => new Shard($"node{i}", server.Addr))]);
    }
}
