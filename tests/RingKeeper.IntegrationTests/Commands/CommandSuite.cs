using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Commands;

/// <summary>The ring as one database, as callers write it; the same on every stack.</summary>
public abstract class CommandSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    private const int Keys = 30;

    protected TStack Stack { get; } = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Stack.DisposeAsync();
    }

    [Fact]
    public async Task Commands_of_every_family_find_what_they_wrote_and_it_lies_on_the_owners()
    {
        var client = await StartAsync();
        var db = client.GetDatabase();
        Assert.Same(db, client.GetDatabase());

        for (var i = 0; i < Keys; i++)
        {
            await StringsAsync(db, $"string:{i}", i);
            await HashesAsync(db, $"hash:{i}");
            await ListsAsync(db, $"list:{i}");
            await SetsAsync(db, $"set:{i}");
            await SortedSetsAsync(db, $"sorted:{i}");
            await ScriptsAsync(db, $"script:{i}");
        }

        foreach (var shard in client.View.Ring.Shards)
        {
            await using var direct = await ConnectionMultiplexer.ConnectAsync(shard.Addr);
            var own = Enumerable.Range(0, Keys).Where(i => OwnerOf(client, $"string:{i}") == shard).ToList();
            Assert.NotEmpty(own);
            foreach (var i in Enumerable.Range(0, Keys))
            {
                Assert.Equal(own.Contains(i), await direct.GetDatabase().KeyExistsAsync($"string:{i}"));
            }
        }
    }

    [Fact]
    public async Task Synchronous_commands_run_on_the_same_shards()
    {
        var client = await StartAsync();
        var db = client.GetDatabase();
        for (var i = 0; i < Keys; i++)
        {
            db.StringSet($"k{i}", i);
            db.HashSet($"h{i}", [new("a", 1), new("b", 2)]);
            Assert.Equal(i, (int)await db.StringGetAsync($"k{i}"));
            Assert.Equal(["a", "b"], db.HashScan($"h{i}").Select(entry => (string)entry.Name!).Order());
            Assert.True(db.KeyDelete($"k{i}"));
        }
    }

    [Fact]
    public async Task Keys_under_one_hash_tag_work_together_and_others_are_refused_across_shards()
    {
        var client = await StartAsync();
        var db = client.GetDatabase();
        for (var user = 0; user < Keys; user++)
        {
            RedisKey cart = $"{{u{user}}}:cart", orders = $"{{u{user}}}:orders", both = $"{{u{user}}}:both";
            Assert.True(await db.StringSetAsync([new(cart, "c"), new(orders, "o")], When.Always, default, CommandFlags.None));
            Assert.Equal(["c", "o"], (await db.StringGetAsync([cart, orders])).Select(value => (string)value!));
            await db.KeyRenameAsync(cart, both);
            Assert.Equal(2, await db.KeyDeleteAsync([cart, orders, both]));
            var sum = await db.ScriptEvaluateAsync("return redis.call('incrby', KEYS[1], ARGV[1]) + redis.call('incrby', KEYS[2], ARGV[1])", [cart, orders], [user]);
            Assert.Equal(2 * user, (int)sum);
        }

        RedisKey[] apart = [Views.KeyOf(client.View.Ring, "shard1"), Views.KeyOf(client.View.Ring, "shard2")];
        var refusal = await Assert.ThrowsAsync<CrossShardException>(() => db.SetIntersectionLengthAsync(apart));
        Assert.Contains("'shard1'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'shard2'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_published_arrives_at_the_shard_of_the_channel()
    {
        var client = await StartAsync();
        foreach (var name in new[] { "news", "weather", "sports", "chess" })
        {
            var route = await client.ConnectAsync(name, cancellationToken: Cancel.Soon);
            await using var direct = await ConnectionMultiplexer.ConnectAsync(route.Shard.Addr);
            var queue = await direct.GetSubscriber().SubscribeAsync(RedisChannel.Literal(name));

            Assert.Equal(1, await client.GetDatabase().PublishAsync(RedisChannel.Literal(name), "hello"));

            Assert.Equal("hello", (await queue.ReadAsync(Cancel.Soon)).Message);
        }
    }

    [Fact]
    public async Task A_killed_shard_is_an_error_at_once_and_its_heir_serves_the_next_call_after_the_change_of_view()
    {
        var client = await StartAsync();
        RedisKey key = Views.KeyOf(client.View.Ring, "shard2");
        var (db, ownerOnly) = (client.GetDatabase(), client.GetDatabase(RoutePolicy.OwnerOnly));
        await ownerOnly.StringSetAsync(key, "before");
        Assert.True(await db.LockTakeAsync(Append(key, ":lock"), "me", TimeSpan.FromMinutes(1)));

        // Calls are under way all the time while the shard dies. One that had to wait would end in a RedisTimeoutException.
        var calling = CallUntilItFailsAsync(db, key);
        await Stack.Shards["shard2"].KillAsync();
        var failure = await calling.WaitAsync(Cancel.Soon);
        Assert.IsType<RedisConnectionException>(failure);

        await Views.WaitAsync(client, Views.IsDead("shard2"));
        Assert.True((await db.StringGetAsync(key)).IsNull);
        await db.StringSetAsync(key, "after");
        Assert.Equal("after", db.StringGet(key));
        Assert.True(db.IsConnected(key));
        Assert.False(ownerOnly.IsConnected(key));
        await Assert.ThrowsAsync<NoShardAvailableException>(() => ownerOnly.StringGetAsync(key));
        Assert.Throws<NoShardAvailableException>(() => ownerOnly.StringGet(key));
        await Assert.ThrowsAsync<NoShardAvailableException>(() => db.LockTakeAsync(Append(key, ":lock"), "you", TimeSpan.FromMinutes(1)));
    }

    /// <summary>Starts a cluster whose ring has a hash tag, and a client.</summary>
    protected async Task<ZKCluster> StartAsync()
    {
        await Stack.StartAsync(options: new ZKClusterOptions { RingType = RingTypes.Rendezvous, HashTag = "{}", ExpectedCheckers = 3 });
        return await Stack.ConnectAsync();
    }

    // A tag that covers all of the key: what follows it moves nothing.
    private static RedisKey Append(RedisKey key, string more) => $"{{{key}}}{more}";

    private static async Task<Exception> CallUntilItFailsAsync(IDatabase db, RedisKey key)
    {
        while (true)
        {
            try
            {
                await db.StringGetAsync(key);
            }
            catch (Exception exception)
            {
                return exception;
            }
        }
    }

    private static Shard OwnerOf(ZKCluster client, string key) => client.View.Ring.Shards[client.View.Ring.GetOwner(System.Text.Encoding.UTF8.GetBytes(key))];

    private static async Task StringsAsync(IDatabase db, RedisKey key, int i)
    {
        Assert.True(await db.StringSetAsync(key, i));
        Assert.Equal(i + 5, await db.StringIncrementAsync(key, 5));
        Assert.True(await db.KeyExpireAsync(key, TimeSpan.FromMinutes(1)));
        Assert.InRange((await db.KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.True(await db.KeyPersistAsync(key));
        Assert.Null(await db.KeyTimeToLiveAsync(key));
        using var lease = await db.StringGetLeaseAsync(key);
        Assert.Equal((i + 5).ToString(), System.Text.Encoding.UTF8.GetString(lease!.Span));
        Assert.Equal(i + 5, (int)await db.ExecuteAsync("GET", key));
    }

    private static async Task HashesAsync(IDatabase db, RedisKey key)
    {
        await db.HashSetAsync(key, [new("a", 1), new("b", 2)]);
        Assert.Equal(4, await db.HashIncrementAsync(key, "b", 2));
        Assert.Equal([1, 4], (await db.HashGetAsync(key, ["a", "b"])).Select(value => (int)value));
        var scanned = new List<string>();
        await foreach (var entry in db.HashScanAsync(key))
        {
            scanned.Add($"{entry.Name}={entry.Value}");
        }

        Assert.Equal(["a=1", "b=4"], scanned.Order());
    }

    private static async Task ListsAsync(IDatabase db, RedisKey key)
    {
        Assert.Equal(3, await db.ListRightPushAsync(key, ["x", "y", "z"]));
        Assert.Equal("x", await db.ListLeftPopAsync(key));
        Assert.Equal(["y", "z"], (await db.ListRangeAsync(key)).Select(value => (string)value!));
    }

    private static async Task SetsAsync(IDatabase db, RedisKey key)
    {
        Assert.Equal(3, await db.SetAddAsync(key, ["x", "y", "z"]));
        Assert.True(await db.SetContainsAsync(key, "y"));
        Assert.Equal(3, await db.SetScanAsync(key).CountAsync());
    }

    private static async Task SortedSetsAsync(IDatabase db, RedisKey key)
    {
        await db.SortedSetAddAsync(key, [new("low", 1), new("high", 2)]);
        Assert.Equal("high", (await db.SortedSetRangeByRankAsync(key, order: Order.Descending))[0]);
        Assert.Equal(2, await db.SortedSetScanAsync(key).CountAsync());
    }

    private static async Task ScriptsAsync(IDatabase db, RedisKey key)
    {
        var set = LuaScript.Prepare("redis.call('set', @key, @value) return redis.call('get', @key)");
        Assert.Equal("prepared", (string?)await db.ScriptEvaluateAsync(set, new { key, value = "prepared" }));
        Assert.Equal("prepared", (string?)await db.ScriptEvaluateAsync("return redis.call('get', KEYS[1])", [key]));
    }
}
