using StackExchange.Redis;
using StackExchange.Redis.KeyspaceIsolation;
using Xunit;

namespace RingKeeper.Tests.Commands;

/// <summary>What single rules say beyond the shard that a command reaches.</summary>
public sealed class RoutedDatabaseTests
{
    private static readonly Shard A = RoutedFixture.A;
    private static readonly Shard B = RoutedFixture.B;

    [Fact]
    public async Task There_is_one_database_a_policy()
    {
        var options = new ClusterOptions();
        await using var host = new ViewHost(options);
        var databases = new RoutedFaces(host);

        Assert.Same(databases.Get(RoutePolicy.Failover), databases.Get(RoutePolicy.Failover));
        Assert.NotSame(databases.Get(RoutePolicy.Failover), databases.Get(RoutePolicy.OwnerOnly));
        Assert.Throws<ArgumentOutOfRangeException>(() => databases.Get((RoutePolicy)7));
    }

    [Fact]
    public async Task A_null_key_is_refused_by_the_call_itself()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var (db, key) = (ring.Database, (RedisKey)RoutedFixture.KeyOf(A));

        Assert.Throws<ArgumentException>(() => { _ = db.StringGetAsync(default(RedisKey)); });
        Assert.Throws<ArgumentException>(() => db.StringGet(default(RedisKey)));
        Assert.Throws<ArgumentException>(() => { _ = db.StringGetAsync([key, default]); });
        Assert.Throws<ArgumentException>(() => db.KeyRename(key, default));
        Assert.Throws<ArgumentException>(() => db.IdentifyEndpoint());
        Assert.Throws<ArgumentException>(() => db.Publish(default, "news"));
        Assert.Throws<ArgumentNullException>(() => { _ = db.ScriptEvaluateAsync((LuaScript)null!); });
        Assert.Empty(ring.Calls(A));
        Assert.Empty(ring.Calls(B));
    }

    [Fact]
    public async Task A_refusal_across_shards_names_command_positions_shards_and_a_way_out()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var (a, b) = (RoutedFixture.KeyOf(A), RoutedFixture.KeyOf(B));

        var exception = await Assert.ThrowsAsync<CrossShardException>(() => ring.Database.SetIntersectionLengthAsync([a, RoutedFixture.KeyOf(A, 1), b]));

        Assert.Contains($"The 3 keys of SetIntersectionLength lie on 2 shards of cluster 'shop': key 1 '{a}' on 'a' (:1), key 3 '{b}' on 'b' (:2).", exception.Message, StringComparison.Ordinal);
        Assert.Contains("hash tag", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_in_messages_are_short_and_printable()
    {
        Assert.Equal("'a?b?c?'", RedisKeyBytes.Quote("a\nb\u202ec\0"));
        Assert.Equal($"'{new string('x', 64)}…'", RedisKeyBytes.Quote(new string('x', 65)));
        Assert.Equal("''", RedisKeyBytes.Quote(default));
    }

    [Fact]
    public async Task A_list_without_keys_is_left_to_one_shards_connection_and_a_script_without_keys_is_refused()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var db = ring.Database;

        await db.KeyDeleteAsync([]);
        db.KeyDelete((RedisKey[])null!);
        await db.StreamReadAsync([], 1, 1, 1);
        await db.StringSetAsync([], When.Always, default, CommandFlags.None);

        var (some, none) = ring.Calls(A).IsEmpty ? (B, A) : (A, B);
        Assert.Equal((4, 0), (ring.Calls(some).Count, ring.Calls(none).Count));
        Assert.Contains("ScriptEvaluate", Assert.Throws<NotSupportedException>(() => { _ = db.ScriptEvaluateAsync("return 1"); }).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => db.ScriptEvaluateReadOnly("return 1", []));
        Assert.Throws<NotSupportedException>(() => db.ScriptEvaluate(LuaScript.Prepare("return @x"), new { x = 1 }));
        Assert.Contains("(RedisKey)", Assert.Throws<NotSupportedException>(() => db.Execute("GET", "key")).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => db.Execute("DBSIZE", (ICollection<object>)null!));
        Assert.Throws<NotSupportedException>(() => { _ = db.ExecuteRespAsync("GET", new RedisKeyOrValue[] { (RedisValue)"key" }); });
    }

    [Fact]
    public async Task A_key_that_may_be_left_out_counts_only_when_it_is_given()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var (first, second, other) = (RoutedFixture.KeyOf(B), RoutedFixture.KeyOf(B, 1), RoutedFixture.KeyOf(A));

        await ring.Database.StringBitOperationAsync(Bitwise.Not, first, second);

        Assert.Single(ring.Calls(B));
        await Assert.ThrowsAsync<CrossShardException>(() => ring.Database.StringBitOperationAsync(Bitwise.And, first, second, other));
    }

    [Fact]
    public async Task A_sort_that_looks_up_other_keys_is_refused()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var (key, destination) = (RoutedFixture.KeyOf(A), RoutedFixture.KeyOf(A, 1));

        await ring.Database.SortAsync(key, by: "nosort", get: ["#"]);
        Assert.Throws<NotSupportedException>(() => ring.Database.Sort(key, by: "weight_*"));
        Assert.Throws<NotSupportedException>(() => { _ = ring.Database.SortAndStoreAsync(destination, key, get: ["#", "name_*"]); });

        Assert.Single(ring.Calls(A));
    }

    [Fact]
    public async Task Several_keys_wait_together_until_each_of_them_is_served()
    {
        await using var ring = await RoutedFixture.StartAsync(false, new ShardStatus(":2", true, 1));
        var (a, b) = (RoutedFixture.KeyOf(A), RoutedFixture.KeyOf(B));
        var together = ring.Database.KeyDeleteAsync([a, RoutedFixture.KeyOf(A, 1)]);
        var apart = ring.Database.KeyDeleteAsync([b, a]);
        Assert.False(together.IsCompleted || apart.IsCompleted);
        Assert.Throws<ShardNotReadyException>(() => ring.Database.KeyDelete([b, a]));

        await ring.SayAsync(RoutedFixture.AllAlive);

        await together.WaitAsync(RoutedFixture.Soon);
        await apart.WaitAsync(RoutedFixture.Soon);
        Assert.Equal((2, 1), (ring.Calls(A).Count, ring.Calls(B).Count));
    }

    [Fact]
    public async Task A_wait_in_vain_fails_the_task_and_a_later_death_fails_it_at_once()
    {
        await using var ring = await RoutedFixture.StartAsync(false);
        var key = RoutedFixture.KeyOf(A);
        var waiting = ring.Database.StringGetAsync(key);
        await ring.Clock.WaitBegunAsync(TimeSpan.FromSeconds(1));
        ring.Clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<ShardNotReadyException>(() => waiting.WaitAsync(RoutedFixture.Soon));

        await ring.SayAsync(new ShardStatus(":1", false, 2));

        Assert.IsType<NoShardAvailableException>(ring.Database.StringGetAsync(key).Exception?.InnerException);
        Assert.Contains("'a' (:1) is dead", Assert.Throws<NoShardAvailableException>(() => ring.Database.StringGet(key)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_the_first_view_synchronous_calls_say_so()
    {
        await using var ring = RoutedFixture.StartWithoutView();

        Assert.Contains("'shop' are not known yet", Assert.Throws<ShardNotReadyException>(() => ring.Database.StringGet("key")).Message, StringComparison.Ordinal);
#pragma warning disable SER308 // What this tests is that it does not block.
        Assert.Throws<ShardNotReadyException>(() => ring.Database.Wait(Task.CompletedTask));
#pragma warning restore SER308
        Assert.False(ring.Database.IsConnected("key"));
    }

    [Fact]
    public async Task A_scan_finds_its_shard_each_time_it_is_begun()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var scan = ring.Database.HashScanAsync(RoutedFixture.KeyOf(A));
        Assert.Empty(ring.Calls(A));

        await scan.CountAsync();
        await ring.SayAsync(new(":1", false, 2), new(":2", true, 2));
        await scan.CountAsync();

        Assert.Single(ring.Calls(A));
        Assert.Single(ring.Calls(B));
    }

    [Fact]
    public async Task A_scan_that_waits_for_its_shard_can_be_cancelled()
    {
        await using var ring = await RoutedFixture.StartAsync();
        using var cancel = new CancellationTokenSource();
        var scanning = ring.Database.SetScanAsync(RoutedFixture.KeyOf(A)).CountAsync(cancel.Token);
        Assert.False(scanning.IsCompleted);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scanning.AsTask().WaitAsync(RoutedFixture.Soon));
    }

    [Fact]
    public async Task The_librarys_key_prefix_goes_over_it_and_the_whole_key_is_routed()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var key = RoutedFixture.KeyOf(B);

        await ring.Database.WithKeyPrefix(key[..1]).StringGetAsync(key[1..]);

        Assert.Equal((RedisKey)key, Assert.Single(ring.Calls(B)).Arguments[0]);
    }

    [Theory]
    [InlineData("key")]
    [InlineData("a rather long key, as long as keys get, and a bit longer, for the sake of the argument")]
    public async Task A_ready_call_with_one_key_allocates_nothing_beyond_the_shards_own(string text)
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        ring.Redis(A).Calls = ring.Redis(B).Calls = null;
        RedisKey key = text;
        var direct = (await ring.Host.ConnectAsync(key, RoutePolicy.Failover, default)).Database;
        var routed = ring.Database;

        AssertSame(db => db.StringGet(key));
        AssertSame(db => db.StringGetAsync(key));
        AssertSame(db => db.StringSetAsync(key, "value", TimeSpan.FromSeconds(5), When.Always, CommandFlags.None));
        AssertSame(db => db.PublishAsync(RedisChannel.Literal(text), "news"));
        AssertSame(db => db.HashSet(key, "field", "value"));
        AssertSame(db => db.LockTakeAsync(key, "value", TimeSpan.FromSeconds(5)));
        AssertSame(db => db.KeyRename(key, key));
        AssertSame(db => db.ListMoveAsync(key, key, ListSide.Left, ListSide.Right));

        void AssertSame(Func<IDatabase, object?> call)
        {
            var own = Allocation.PerCall(_ => call(direct));
            Assert.True(own > 0, "The fake boxes the arguments: a measure of nothing proves nothing.");
            Assert.Equal(own, Allocation.PerCall(_ => call(routed)));
        }
    }

    [Fact]
    public async Task Getting_the_database_allocates_nothing()
    {
        await using var ring = RoutedFixture.StartWithoutView();

        Assert.Equal(0, Allocation.PerCall(call => GC.KeepAlive(ring.Database)));
    }
}
