using System.Net;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using StackExchange.Redis.Availability;
using StackExchange.Redis.Profiling;
using Xunit;

namespace RingKeeper.IntegrationTests.Commands;

/// <summary>The ring as each interface of the library, on Apache ZooKeeper and three redis-servers that all of these tests share.</summary>
[Trait("Speed", "Slow")]
public sealed class FaceTests(FaceTests.Ring ring) : IClassFixture<FaceTests.Ring>
{
    private const int Keys = 60;

    private ZKCluster Cluster => ring.Client;

    private IDatabase Db => ring.Client.GetDatabase();

    [Fact]
    public async Task Many_keys_are_split_by_shard_and_the_results_merged_in_the_order_of_the_keys()
    {
        var keys = KeysOf("many");
        var values = keys.Select((key, i) => new KeyValuePair<RedisKey, RedisValue>(key, i)).ToArray();

        Assert.True(await Db.StringSetAsync(values, When.Always, default, CommandFlags.None));
        Assert.Equal(Enumerable.Range(0, Keys), (await Db.StringGetAsync(keys)).Select(value => (int)value));
        Assert.Equal(Enumerable.Range(0, Keys).Reverse(), Db.StringGet([.. keys.Reverse()]).Select(value => (int)value));
        Assert.Equal(Keys, await Db.KeyExistsAsync(keys));
        Assert.Equal(Keys, Db.KeyTouch(keys));
        Assert.Equal(3, await Db.KeyDeleteAsync([keys[0], keys[1], keys[2], "many:none"]));
        Assert.Equal([RedisValue.Null, (RedisValue)3], await Db.StringGetAsync([keys[1], keys[3]]));
        Assert.Equal(Keys - 3, Db.KeyDelete(keys));
        Assert.Equal(3, ShardsOf(keys).Count());
        await Db.StringSetAsync(values, When.Always, default, CommandFlags.FireAndForget);
        Assert.Empty(await Db.StringGetAsync(keys, CommandFlags.FireAndForget));
        await Assert.ThrowsAsync<CrossShardException>(() => Db.StringSetAsync(values, When.NotExists, default, CommandFlags.None));
    }

    [Fact]
    public async Task Sets_are_united_and_intersected_across_shards_and_streams_read_in_the_order_of_their_positions()
    {
        var keys = KeysOf("set");
        for (var i = 0; i < keys.Length; i++)
        {
            await Db.SetAddAsync(keys[i], ["common", 1, $"own{i}"]);
            await Db.StreamAddAsync(Append(keys[i], ":stream"), "n", i);
        }

        Assert.Equal(Keys + 2, (await Db.SetCombineAsync(SetOperation.Union, keys)).Distinct().Count());
        Assert.Equal(["1", "common"], Db.SetCombine(SetOperation.Intersect, keys).Select(value => (string)value!).Order());
        await Assert.ThrowsAsync<CrossShardException>(() => Db.SetCombineAsync(SetOperation.Difference, keys));
        StreamPosition[] positions = [.. keys.Select((key, i) => new StreamPosition(i % 7 == 0 ? Append(key, ":nothing") : Append(key, ":stream"), "0-0"))];
        var read = await Db.StreamReadAsync(positions, 1, CommandFlags.None);
        Assert.Equal(Enumerable.Range(0, Keys).Where(i => i % 7 != 0), read.Select(stream => (int)stream.Entries[0]["n"]));
        Assert.Equal(read.Select(stream => stream.Key), Db.StreamRead(positions, 1, CommandFlags.None).Select(stream => stream.Key));
    }

    [Fact]
    public async Task A_batch_goes_to_every_shard_when_it_is_executed_and_not_before()
    {
        var keys = KeysOf("batch");
        var batch = Db.CreateBatch("state");
        var sets = keys.Select((key, i) => batch.StringSetAsync(key, i)).ToArray();
        var all = batch.StringGetAsync(keys);
        var first = batch.StringIncrementAsync(keys[0]);
        Assert.Equal("state", first.AsyncState);
        Assert.Equal(0, await Db.KeyExistsAsync(keys));
        Assert.All(sets, set => Assert.False(set.IsCompleted));

        batch.Execute();

        Assert.All(await Task.WhenAll(sets), Assert.True);
        Assert.Equal(Enumerable.Range(0, Keys), (await all).Select(value => (int)value));
        Assert.Equal(1, await first);
        Assert.Throws<NotSupportedException>(() => { _ = batch.PingAsync(); });
        Assert.Throws<ArgumentException>(() => { _ = batch.StringGetAsync(default(RedisKey)); });
    }

    [Fact]
    public async Task A_transaction_runs_on_the_shard_of_its_keys_under_its_conditions()
    {
        foreach (var key in KeysOf("transaction").Take(12))
        {
            var other = Append(key, ":other");
            var transaction = Db.CreateTransaction();
            var absent = transaction.AddCondition(Condition.KeyNotExists(key));
            var set = transaction.StringSetAsync(key, "one");
            var count = transaction.HashIncrementAsync(other, "n", 5);
            Assert.False(set.IsCompleted);

            Assert.True(await transaction.ExecuteAsync());

            Assert.True(absent.WasSatisfied);
            Assert.Equal((true, 5), (await set, await count));

            var again = Db.CreateTransaction();
            absent = again.AddCondition(Condition.KeyNotExists(key));
            var equal = again.AddCondition(Condition.StringEqual(key, "one"));
            set = again.StringSetAsync(key, "two");
            Assert.False(again.Execute());
            Assert.Equal((false, true), (absent.WasSatisfied, equal.WasSatisfied));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => set);
            Assert.Equal("one", await Db.StringGetAsync(key));

            var third = Db.CreateTransaction();
            third.AddCondition(Condition.HashEqual(other, "n", 5));
            var result = third.StringGetAsync(key);
            Assert.True(third.Execute(CommandFlags.None));
            Assert.True(result.IsCompleted);
            Assert.Equal("one", await result);
        }

        Assert.True(await Db.CreateTransaction().ExecuteAsync());
    }

    [Fact]
    public async Task A_transaction_refuses_a_key_of_another_shard_where_it_is_brought()
    {
        RedisKey a = Views.KeyOf(Cluster.View.Ring, "shard1"), b = Views.KeyOf(Cluster.View.Ring, "shard2");
        var transaction = Db.CreateTransaction();
        transaction.AddCondition(Condition.KeyExists(a));

        Assert.Contains("'shard2'", Assert.Throws<CrossShardException>(() => { _ = transaction.StringSetAsync(b, 1); }).Message, StringComparison.Ordinal);
        Assert.Throws<CrossShardException>(() => transaction.AddCondition(Condition.KeyExists(b)));
        Assert.False(await transaction.ExecuteAsync());
        Assert.False(await Db.KeyExistsAsync(b));
    }

    [Fact]
    public async Task Prepared_and_loaded_scripts_run_on_every_shard()
    {
        var script = LuaScript.Prepare("return redis.call('incrby', @key, @by)");
        var loaded = await script.LoadAsync(Cluster.GetMultiplexer().GetServers()[0]);
        foreach (var key in KeysOf("script").Take(20))
        {
            Assert.Equal(2, (int)await script.EvaluateAsync(Db, new { key, by = 2 }));
            Assert.Equal(5, (int)await loaded.EvaluateAsync(Db, new { key, by = 3 }));
            Assert.Equal(6, (int)Db.ScriptEvaluate(loaded, new { key, by = 1 }));
        }

        Assert.True(await Cluster.GetServer().ScriptExistsAsync("return 7") == false);
        var hash = await Cluster.GetServer().ScriptLoadAsync("return 7");
        Assert.True(await Cluster.GetServer().ScriptExistsAsync("return 7"));
        Assert.All(KeysOf("script"), key => Assert.Equal(7, (int)Db.ScriptEvaluate(hash!, [key])));
    }

    [Fact]
    public async Task The_multiplexer_gives_databases_and_the_shards_own_servers()
    {
        var multiplexer = Cluster.GetMultiplexer();
        Assert.Same(multiplexer, Db.Multiplexer);
        Assert.Same(Db, multiplexer.GetDatabase());
        Assert.True(multiplexer.IsConnected);
        Assert.False(multiplexer.IsConnecting);
        Assert.Equal(3, multiplexer.GetEndPoints().Length);
        var key = KeysOf("server")[0];
        foreach (var endPoint in multiplexer.GetEndPoints())
        {
            var server = multiplexer.GetServer(endPoint);
            Assert.Equal(endPoint, server.EndPoint);
            Assert.True(server.IsConnected);
            Assert.Equal(server.EndPoint, multiplexer.GetServer(endPoint.ToString()!).EndPoint);
            Assert.InRange(await server.PingAsync(), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        }

        var serving = await Cluster.ConnectAsync(key, cancellationToken: Cancel.Soon);
        Assert.Equal(serving.Database.Multiplexer.GetEndPoints()[0], multiplexer.GetServer(key).EndPoint);
        Assert.Contains("There are:", Assert.Throws<ArgumentException>(() => multiplexer.GetServer("127.0.0.1", 1)).Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", multiplexer.Configuration, StringComparison.Ordinal);
        Assert.InRange(await Db.PingAsync(), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.InRange(Db.Ping(), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.True(multiplexer.OperationCount > 3);
        Assert.NotNull(multiplexer.GetCounters());
        Assert.Contains("127.0.0.1", multiplexer.GetStatus(), StringComparison.Ordinal);
        Assert.True(await multiplexer.ConfigureAsync());
        Assert.Throws<NotSupportedException>(() => multiplexer.PublishReconfigure());

        // Of the whole cluster nothing is closed by a library that thinks the connection its own.
        multiplexer.Close();
        await multiplexer.CloseAsync();
        multiplexer.Dispose();
        await multiplexer.DisposeAsync();
        await Db.StringSetAsync(key, "still here");
        Assert.Equal("still here", Db.StringGet(key));
    }

    [Fact]
    public async Task Another_number_means_that_database_on_every_shard()
    {
        var (keys, third) = (KeysOf("number"), Cluster.GetMultiplexer().GetDatabase(3, "state"));
        await third.StringSetAsync([.. keys.Select(key => new KeyValuePair<RedisKey, RedisValue>(key, "three"))], When.Always, default, CommandFlags.None);

        Assert.Equal(3, third.Database);
        Assert.Equal(0, await Db.KeyExistsAsync(keys));
        Assert.Equal(Keys, third.KeyExists(keys));
        var task = third.StringGetAsync(keys[0]);
        Assert.Equal(("state", "three"), (task.AsyncState, (string?)await task));
        var transaction = third.CreateTransaction();
        transaction.AddCondition(Condition.StringEqual(keys[0], "three"));
        var deleted = transaction.StringAppendAsync(keys[0], "!");
        Assert.True(await transaction.ExecuteAsync());
        Assert.Equal(6, await deleted);
    }

    [Fact]
    public async Task The_whole_ring_is_one_server_that_counts_lists_and_empties_all_shards()
    {
        var (server, keys) = (Cluster.GetServer(), KeysOf("whole"));
        var fifth = Cluster.GetMultiplexer().GetDatabase(5);
        await Task.WhenAll(keys.Select(key => fifth.StringSetAsync(key, 1)));

        Assert.Equal(Keys, await server.DatabaseSizeAsync(5));
        Assert.Equal(Sorted(keys), Sorted(server.Keys(5, "whole:*")));
        Assert.Equal(Sorted(keys), Sorted(await server.KeysAsync(5, pageSize: 7).ToListAsync(Cancel.Soon)));
        Assert.True(server.IsConnected);
        Assert.Equal(new Version(7, 0, 15), server.Version);
        Assert.InRange(await server.PingAsync(), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await server.FlushDatabaseAsync(5);
        Assert.Equal(0, server.DatabaseSize(5));
        Assert.Throws<NotSupportedException>(() => server.Info());
        Assert.Throws<NotSupportedException>(() => { server.Keys(5, cursor: 3); });
        Assert.Throws<NotSupportedException>(() => server.EndPoint);
        Assert.Same(Cluster.GetMultiplexer(), server.Multiplexer);
    }

    [Fact]
    public async Task Each_shard_is_a_database_of_its_own_for_locks_by_majority()
    {
        var shards = Cluster.GetShardDatabases();
        Assert.Equal(3, shards.Count);
        foreach (var shard in shards)
        {
            Assert.True(await shard.LockTakeAsync("majority", "me", TimeSpan.FromMinutes(1)));
            Assert.True(shard.IsConnected("majority"));
            Assert.Single(shard.Multiplexer.GetServers());
        }

        foreach (var address in Cluster.View.Ring.Shards.Select(shard => shard.Addr))
        {
            await using var direct = await ConnectionMultiplexer.ConnectAsync(address);
            Assert.Equal("me", await direct.GetDatabase().StringGetAsync("majority"));
        }

        Assert.All(shards, shard => Assert.True(shard.LockRelease("majority", "me")));
    }

    [Fact]
    public async Task Profilers_and_names_reach_every_shard()
    {
        var session = new ProfilingSession();
        var multiplexer = Cluster.GetMultiplexer();
        multiplexer.RegisterProfiler(() => session);
        multiplexer.AddLibraryNameSuffix("face");
        await Task.WhenAll(KeysOf("profile").Select(key => Db.StringGetAsync(key)));

        Assert.Equal(3, session.FinishProfiling().Where(command => command.Command == "GET").Select(command => command.EndPoint).Distinct().Count());
        multiplexer.RegisterProfiler(() => null);
    }

    [Fact]
    public async Task The_librarys_retries_work_on_it()
    {
        var db = Db.WithRetry(RingRetryPolicy.Default);
        Assert.True(await db.StringSetAsync("retry", 1));
        Assert.Equal(1, (int)await db.StringGetAsync("retry"));
        await Assert.ThrowsAsync<CrossShardException>(() => db.SetIntersectionLengthAsync(KeysOf("retry")));
    }

    private static RedisKey[] KeysOf(string name) => [.. Enumerable.Range(0, Keys).Select(i => (RedisKey)$"{name}:{i}")];

    private static IEnumerable<string> Sorted(IEnumerable<RedisKey> keys) => keys.Select(key => (string)key!).Order();

    private static RedisKey Append(RedisKey key, string more) => $"{{{key}}}{more}";

    private IEnumerable<Shard> ShardsOf(IEnumerable<RedisKey> keys) =>
        keys.Select(key => Cluster.View.Ring.Shards[Cluster.View.Ring.GetOwner(System.Text.Encoding.UTF8.GetBytes((string)key!))]).Distinct();

    /// <summary>A ring with a hash tag.</summary>
    public sealed class Ring : IAsyncLifetime
    {
        private readonly RealStack _stack = new();

        public ZKCluster Client { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await _stack.StartAsync(options: new ZKClusterOptions { RingType = RingTypes.Rendezvous, HashTag = "{}", ExpectedCheckers = 3 });
            Client = await _stack.ConnectAsync(new ClusterOptions { ConfigureRedis = redis => redis.AllowAdmin = true });
        }

        public ValueTask DisposeAsync() => _stack.DisposeAsync();
    }
}
