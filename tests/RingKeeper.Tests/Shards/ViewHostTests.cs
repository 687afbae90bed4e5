using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Shards;

public sealed class ViewHostTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly Shard A = new("a", ":1");
    private static readonly Shard B = new("b", ":2");

    private readonly StepClock _clock = new();
    private readonly FakeRedis _redis = new();
    private readonly ViewHost _host;

    public ViewHostTests() => _host = Host(new ClusterOptions());

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_served_key_is_routed_at_once_to_the_shards_own_connection()
    {
        await ApplyAsync(View([A], new ShardStatus(":1", true, 42)));

        var routing = ConnectAsync("key");

        Assert.True(routing.IsCompletedSuccessfully);
        var route = await routing;
        Assert.Equal((A, 42L), (route.Shard, route.ValidSince));
        Assert.Same(_redis.Last(":1").Database, route.Database);
        Assert.True(_host.TryRoute("key"u8, RoutePolicy.OwnerOnly, out var same));
        Assert.Equal(route, same);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(300)]
    [InlineData(5000)]
    public async Task Keys_of_strings_and_of_bytes_go_where_their_bytes_go(int length)
    {
        var view = View([A, B], new(":1", true, 1), new(":2", true, 1));
        await ApplyAsync(view);
        for (var i = 0; i < 50; i++)
        {
            var text = $"{i}é".PadRight(length, 'x');
            var bytes = System.Text.Encoding.UTF8.GetBytes(text);
            var expected = view.Ring.Shards[view.Ring.GetOwner(bytes)];
            RedisKey prefixed = text[5..];

            Assert.Equal(expected, (await ConnectAsync(text)).Shard);
            Assert.Equal(expected, (await ConnectAsync(bytes)).Shard);
            Assert.Equal(expected, (await ConnectAsync(prefixed.Prepend(text[..5]))).Shard);
        }
    }

    [Fact]
    public async Task A_lookup_of_a_string_key_allocates_nothing()
    {
        await ApplyAsync(View([A, B], new(":1", false, 1), new(":2", true, 1)));
        RedisKey key = "some:key:é";
        _ = await ConnectAsync(key);
        var isCompleted = true;
        var bytes = Allocation.PerCall(_ =>
        {
            var route = _host.ConnectAsync(key, RoutePolicy.Failover, default);
            isCompleted &= route.IsCompletedSuccessfully;
        });
        Assert.True(isCompleted);
        Assert.Equal(0, bytes);
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(false, "short")]
    [InlineData(false, "a-key-of-usual-length")]
    [InlineData(false, "a key with é and 漢, longer than what is folded in one go of sixteen bytes, and longer still")]
    [InlineData(true, "a-key-of-usual-length")]
    public async Task No_way_to_a_route_allocates_whether_the_owner_lives_or_not(bool isOwnerDead, string text)
    {
        var shards = Enumerable.Range(1, 20).Select(i => new Shard($"n{i}", $":{i}")).ToArray();
        var ring = new ConsistentRingBuilder("40").Build(shards);
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        var owner = ring.GetOwner(bytes);
        await ApplyAsync(View(shards, [.. shards.Select((shard, i) => new ShardStatus(shard.Addr, !(isOwnerDead && i == owner), 1))]));
        RedisKey[] keys = [text, bytes, ((RedisKey)text).Prepend("p:"), new string('x', 300)];
        var served = true;
        var allocated = Allocation.PerCall(_ =>
        {
            served &= _host.TryRoute(bytes, RoutePolicy.Failover, out var _);
            foreach (ref var key in keys.AsSpan())
            {
                var route = _host.ConnectAsync(key, RoutePolicy.Failover, default);
                served &= route.IsCompletedSuccessfully;
            }
        });
        Assert.True(served);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task A_null_key_is_refused_and_an_empty_one_is_not()
    {
        await ApplyAsync(View([A], new ShardStatus(":1", true, 1)));

        await Assert.ThrowsAsync<ArgumentException>(async () => await ConnectAsync(default));
        Assert.Equal(A, (await ConnectAsync("")).Shard);
    }

    [Fact]
    public async Task A_caller_waits_for_a_status_and_is_woken_by_the_swap()
    {
        await ApplyAsync(View([A]));
        var waiting = ConnectAsync("key");
        Assert.False(waiting.IsCompleted);

        await ApplyAsync(_host.View!.WithStatuses(2, Statuses(new ShardStatus(":1", true, 7))));

        Assert.Equal(7, (await waiting.WaitAsync(Soon)).ValidSince);
    }

    [Fact]
    public async Task A_caller_before_the_first_view_is_woken_by_it()
    {
        var waiting = ConnectAsync("key");

        await ApplyAsync(View([A], new ShardStatus(":1", true, 7)));

        Assert.Equal(A, (await waiting.WaitAsync(Soon)).Shard);
    }

    [Fact]
    public async Task A_wait_in_vain_names_shard_and_cluster_and_the_next_caller_does_not_wait()
    {
        await ApplyAsync(View([A]));
        var waiting = ConnectAsync("key");
        await _clock.WaitBegunAsync(TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(1));

        var exception = await Assert.ThrowsAsync<ShardNotReadyException>(() => waiting.WaitAsync(Soon));

        Assert.Contains("'a' (:1)", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'shop'", exception.Message, StringComparison.Ordinal);
        Assert.True(ConnectAsync("key").IsFaulted);

        await ApplyAsync(_host.View!.WithStatuses(2, Statuses()));
        var again = ConnectAsync("key");
        Assert.False(again.IsCompleted);
        await ApplyAsync(_host.View!.WithStatuses(3, Statuses(new ShardStatus(":1", true, 1))));
        await again.WaitAsync(Soon);
    }

    [Fact]
    public async Task A_change_that_does_not_help_does_not_lengthen_the_wait()
    {
        await ApplyAsync(View([A]));
        var waiting = ConnectAsync("key");
        await _clock.WaitBegunAsync(TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromMilliseconds(600));
        await ApplyAsync(_host.View!.WithStatuses(2, Statuses()));
        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(400));
        _clock.Advance(TimeSpan.FromMilliseconds(400));

        await Assert.ThrowsAsync<ShardNotReadyException>(() => waiting.WaitAsync(Soon));
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        await ApplyAsync(View([A]));
        using var cancel = new CancellationTokenSource();
        var waiting = _host.ConnectAsync("key", RoutePolicy.Failover, cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Soon));
    }

    [Fact]
    public async Task A_dead_shard_is_named_with_the_reason()
    {
        await ApplyAsync(View([A], new ShardStatus(":1", false, 1)));

        var all = await Assert.ThrowsAsync<NoShardAvailableException>(() => ConnectAsync("key"));
        var owner = await Assert.ThrowsAsync<NoShardAvailableException>(() => _host.ConnectAsync("key", RoutePolicy.OwnerOnly, default).AsTask());

        Assert.Contains("'a' (:1) is dead and so is every shard", all.Message, StringComparison.Ordinal);
        Assert.Contains("OwnerOnly", owner.Message, StringComparison.Ordinal);
        Assert.False(_host.TryRoute("key"u8, RoutePolicy.Failover, out _));
    }

    [Fact]
    public async Task Routes_of_a_view_whose_reads_are_misses_say_so_until_it_is_trusted_again()
    {
        await ApplyAsync(View([A], new ShardStatus(":1", true, 1)));
        Assert.False((await ConnectAsync("key")).ReadsAreMisses);

        _host.SetTrust(ViewTrust.ReadsAreMisses);
        Assert.True((await ConnectAsync("key")).ReadsAreMisses);
        Assert.True(_host.TryRoute("key"u8, RoutePolicy.Failover, out var route) && route.ReadsAreMisses);

        // A view that comes meanwhile is trusted no more than the one before.
        await ApplyAsync(_host.View!.WithStatuses(2, Statuses()));
        Assert.True((await ConnectAsync("key")).ReadsAreMisses);

        _host.SetTrust(ViewTrust.Full);
        Assert.False((await ConnectAsync("key")).ReadsAreMisses);
        Assert.Single(_redis.Opened);
    }

    [Fact]
    public async Task A_refused_view_gives_no_route_and_says_why()
    {
        await using var host = new ViewHost(
            new ClusterOptions { TimeProvider = _clock, StaleViewAfter = TimeSpan.FromSeconds(30) }, "shop", _redis.OpenAsync, () => TimeSpan.FromSeconds(42));
        await host.ApplyAsync(View([A], new ShardStatus(":1", true, 1)), default);
        host.SetTrust(ViewTrust.Refused);

        var refusal = await Assert.ThrowsAsync<StaleViewException>(() => host.ConnectAsync("key", RoutePolicy.Failover, default).AsTask());
        Assert.Contains("The view of cluster 'shop' is too old: ZooKeeper last confirmed it 42 s ago", refusal.Message, StringComparison.Ordinal);
        Assert.False(host.TryRoute("key"u8, RoutePolicy.Failover, out _));
        Assert.Null(host.TryServing("key", RoutePolicy.Failover));
        Assert.Throws<StaleViewException>(() => host.Serving("key", RoutePolicy.Failover));
        Assert.Throws<StaleViewException>(() => host.Serving(CommandKeys.Of("MGET", "key", ["key"]), RoutePolicy.Failover));
        await Assert.ThrowsAsync<StaleViewException>(() => host.ConnectAsync(CommandKeys.Of("MGET", "key", ["key"]), RoutePolicy.Failover).AsTask());

        host.SetTrust(ViewTrust.Full);
        Assert.Equal(A, (await host.ConnectAsync("key", RoutePolicy.Failover, default)).Shard);
    }

    [Fact]
    public async Task A_change_of_trust_wakes_waiters_and_is_no_view_of_its_own()
    {
        await ApplyAsync(View([A]));
        var changed = _host.RoutesChanged;
        var waiting = ConnectAsync("key");
        await using var views = _host.WatchViewsAsync(default).GetAsyncEnumerator();
        Assert.True(await views.MoveNextAsync());
        var next = views.MoveNextAsync();

        _host.SetTrust(ViewTrust.Refused);

        await changed.WaitAsync(Soon);
        await Assert.ThrowsAsync<StaleViewException>(() => waiting.WaitAsync(Soon));
        Assert.False(next.IsCompleted);
        await ApplyAsync(_host.View!.WithStatuses(2, Statuses()));
        Assert.True(await next.AsTask().WaitAsync(Soon));
        Assert.Equal(2, views.Current.StatusVersion);
    }

    [Fact]
    public async Task Disposal_wakes_waiters_closes_connections_and_refuses_what_comes_later()
    {
        await ApplyAsync(View([A, B], new ShardStatus(":1", true, 1)));
        var waiting = _host.ConnectAsync(KeyOf(B), RoutePolicy.OwnerOnly, default).AsTask();
        var watching = Task.Run(async () => await _host.WatchViewsAsync(default).CountAsync());

        await _host.DisposeAsync();
        await _host.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Soon));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ConnectAsync("key"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _host.ApplyAsync(View([A]), default));
        Assert.All(_redis.Opened, multiplexer => Assert.True(multiplexer.Closed.IsCompleted));
        Assert.True(await watching.WaitAsync(Soon) <= 1);
    }

    [Fact]
    public async Task An_address_that_stays_keeps_its_connection_and_a_removed_one_closes_when_idle()
    {
        await ApplyAsync(View([A, B], new(":1", true, 1), new(":2", true, 1)));
        var (a, b) = (_redis.Last(":1"), _redis.Last(":2"));
        b.Outstanding = 1;

        await ApplyAsync(_host.View!.WithTopology(Ring([new("renamed", ":1"), new("c", ":3")]), true, 2, 2));

        Assert.Same(a, _redis.Last(":1"));
        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(50));
        b.Outstanding = 0;
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(50));
        Assert.False(b.Closed.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        await b.Closed.WaitAsync(Soon);
        Assert.False(a.Closed.IsCompleted);
    }

    [Fact]
    public async Task A_removed_connection_that_never_idles_closes_after_the_drain_timeout()
    {
        await using var host = Host(new ClusterOptions { DrainTimeout = TimeSpan.FromMilliseconds(100) });
        await host.ApplyAsync(View([B]), default);
        var b = _redis.Last(":2");
        b.Outstanding = 1;
        await host.ApplyAsync(View([A]), default);
        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(50));
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(50));
        Assert.False(b.Closed.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(50));

        await b.Closed.WaitAsync(Soon);
    }

    [Fact]
    public async Task A_slow_connection_delays_the_swap_no_longer_than_the_connect_timeout()
    {
        await ApplyAsync(View([A], new ShardStatus(":1", true, 1)));
        var held = _redis.Hold(":2");
        var applying = _host.ApplyAsync(View([B], new ShardStatus(":2", true, 1)), default);
        await _clock.WaitBegunAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(A, (await ConnectAsync("key")).Shard);

        _clock.Advance(TimeSpan.FromSeconds(1));
        await applying.WaitAsync(Soon);
        var waiting = ConnectAsync("key");
        Assert.False(waiting.IsCompleted);
        held.SetResult();

        Assert.Equal(B, (await waiting.WaitAsync(Soon)).Shard);
    }

    [Fact]
    public async Task A_connection_that_cannot_be_opened_never_blocks_the_swap_and_is_tried_again_at_the_next()
    {
        _redis.Fail(":2", new InvalidOperationException("no certificate"));
        await ApplyAsync(View([A, B], new(":1", true, 1), new(":2", true, 1)));

        Assert.Equal(A, (await ConnectAsync(KeyOf(A))).Shard);
        var exception = await Assert.ThrowsAsync<RingKeeperException>(() => ConnectAsync(KeyOf(B)));
        Assert.Contains("'b' (:2) of cluster 'shop'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("no certificate", exception.Message, StringComparison.Ordinal);

        _redis.Heal(":2");
        await ApplyAsync(_host.View!.WithStatuses(9, Statuses()));
        Assert.Equal(B, (await ConnectAsync(KeyOf(B))).Shard);
    }

    [Fact]
    public async Task A_cancelled_change_leaves_the_view_and_closes_what_it_opened()
    {
        await ApplyAsync(View([A], new ShardStatus(":1", true, 1)));
        var held = _redis.Hold(":2");
        using var cancel = new CancellationTokenSource();
        var applying = _host.ApplyAsync(View([B]), cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => applying.WaitAsync(Soon));

        Assert.Equal(A, (await ConnectAsync("key")).Shard);
        held.SetResult();
        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(50));
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        await _redis.Last(":2").Closed.WaitAsync(Soon);
    }

    [Fact]
    public async Task Views_are_watched_from_the_present_one_on()
    {
        var first = View([A]);
        await ApplyAsync(first);
        await using var views = _host.WatchViewsAsync(default).GetAsyncEnumerator();
        Assert.True(await views.MoveNextAsync());
        Assert.Same(first, views.Current);
        var second = first.WithStatuses(2, Statuses());
        await ApplyAsync(second);

        Assert.True(await views.MoveNextAsync().AsTask().WaitAsync(Soon));
        Assert.Same(second, views.Current);
    }

    [Fact]
    public async Task Shards_with_one_address_share_a_connection()
    {
        await ApplyAsync(View([A, new("twin", ":1")], new ShardStatus(":1", true, 1)));

        Assert.Single(_redis.Opened);
    }

    [Fact]
    public void Options_of_stale_views_and_snapshots_are_checked()
    {
        Assert.Contains("StaleViewAfter is", Refusal(new ClusterOptions { StaleViewAfter = TimeSpan.Zero }), StringComparison.Ordinal);
        Assert.Contains("StaleViewPolicy is 9. Set it to ServeOn, MissReads, Refuse", Refusal(new ClusterOptions { StaleViewPolicy = (StaleViewPolicy)9 }), StringComparison.Ordinal);
        Assert.Contains("SnapshotFile is ' '", Refusal(new ClusterOptions { SnapshotFile = " " }), StringComparison.Ordinal);

        string Refusal(ClusterOptions options) => Assert.Throws<RingKeeperException>(() => Host(options)).Message;
    }

    [Theory]
    [InlineData(-1, 1, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, -1)]
    public void Options_out_of_range_are_refused_by_name(int ready, int connect, int drain)
    {
        var options = new ClusterOptions
        {
            ReadyTimeout = TimeSpan.FromSeconds(ready),
            ConnectTimeout = TimeSpan.FromSeconds(connect),
            DrainTimeout = TimeSpan.FromSeconds(drain),
        };

        Assert.Contains("Timeout is", Assert.Throws<RingKeeperException>(() => Host(options)).Message, StringComparison.Ordinal);
    }

    private ViewHost Host(ClusterOptions options) => new(options with { TimeProvider = _clock }, "shop", _redis.OpenAsync);

    private Task ApplyAsync(ClusterView view) => _host.ApplyAsync(view, default).WaitAsync(Soon);

    private Task<ShardRoute> ConnectAsync(RedisKey key) => _host.ConnectAsync(key, RoutePolicy.Failover, default).AsTask();

    private string KeyOf(Shard shard)
    {
        var ring = _host.View!.Ring;
        return Enumerable.Range(0, 1000).Select(i => $"k{i}").First(key => ring.Shards[ring.GetOwner(System.Text.Encoding.UTF8.GetBytes(key))] == shard);
    }

    private static HashRing Ring(Shard[] shards) => new ConsistentRingBuilder("20").Build(shards);

    private static ClusterView View(Shard[] shards, params ShardStatus[] statuses) => new(Ring(shards), true, 1, 0, 1, Statuses(statuses));

    private static Dictionary<string, ShardStatus> Statuses(params ShardStatus[] statuses) => statuses.ToDictionary(status => status.Addr);
}
