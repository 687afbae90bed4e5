using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>What the backplane carries between clients of one ring, and what it tells when it may have lost something; the same on every stack.</summary>
public abstract class BackplaneSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    protected TStack Stack { get; } = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Stack.DisposeAsync();
    }

    [Fact]
    public async Task Notices_reach_all_others_in_the_order_of_their_shard_and_never_their_sender()
    {
        await Stack.StartAsync(checkers: 1);
        var (client, other) = (await Stack.ConnectAsync(), await Stack.ConnectAsync());
        await using var sender = new CacheBackplane(client);
        await using var hearer = new CacheBackplane(other);
        await using var same = new CacheBackplane(client);
        await using var own = await NoticeReader.StartAsync(sender);
        await using var heard = await NoticeReader.StartAsync(hearer);
        await using var beside = await NoticeReader.StartAsync(same);

        var sent = Enumerable.Range(0, 300).Select(i => new CacheNotice(i % 2 == 0 ? CacheNoticeKind.Key : CacheNoticeKind.Tag, "käse", new byte[] { (byte)i, (byte)(i >> 8) })).ToList();
        foreach (var notice in sent)
        {
            await sender.PublishAsync(notice, Cancel.Soon);
        }

        foreach (var reader in new[] { heard, beside })
        {
            foreach (var notice in sent)
            {
                var got = await reader.WaitAsync(got => got.Kind != CacheNoticeKind.Gap);
                Assert.Equal((notice.Kind, notice.Name, Convert.ToHexString(notice.Data.Span)), (got.Kind, got.Name, Convert.ToHexString(got.Data.Span)));
            }
        }

        await hearer.PublishAsync(new CacheNotice(CacheNoticeKind.Everything), Cancel.Soon);
        Assert.Equal(CacheNoticeKind.Everything, (await own.WaitAsync(notice => notice.Kind != CacheNoticeKind.Gap)).Kind);
    }

    [Fact]
    public async Task Notices_of_every_shard_and_of_one_that_joined_are_heard()
    {
        await Stack.StartAsync();
        var (client, other) = (await Stack.ConnectAsync(), await Stack.ConnectAsync());
        await using var sender = new CacheBackplane(client);
        await using var hearer = new CacheBackplane(other);
        await using var heard = await NoticeReader.StartAsync(hearer);
        foreach (var shard in client.View.Ring.Shards)
        {
            var key = Views.KeyOf(client.View.Ring, shard.Name);
            sender.Publish(new CacheNotice(CacheNoticeKind.Key, key));
            await heard.WaitForKeyAsync(key);
        }

        var added = await Stack.StartShardAsync("shard4");
        await Stack.UpdateAsync(shards => [.. shards, added]);
        await Views.WaitAsync(client, Views.IsAlive("shard4"));
        await Views.WaitAsync(other, Views.IsAlive("shard4"));

        // What is sent before the new shard is heard is made good by the gap that says so: one of the two comes after each.
        var late = Views.KeyOf(client.View.Ring, "shard4");
        CacheNotice last;
        do
        {
            await sender.PublishAsync(new CacheNotice(CacheNoticeKind.Key, late), Cancel.Soon);
            last = await heard.WaitAsync(notice => notice.Kind == CacheNoticeKind.Gap || notice.Name == late);
        }
        while (last.Kind == CacheNoticeKind.Gap);
    }

    [Fact]
    public async Task A_shard_that_dies_and_returns_is_a_gap_each_time_and_notices_go_on()
    {
        await Stack.StartAsync();
        var (client, other) = (await Stack.ConnectAsync(), await Stack.ConnectAsync());
        await using var sender = new CacheBackplane(client);
        await using var hearer = new CacheBackplane(other);
        await using var heard = await NoticeReader.StartAsync(hearer);
        var key = Views.KeyOf(client.View.Ring, "shard2");

        await Stack.Shards["shard2"].KillAsync();
        await heard.WaitAsync(notice => notice.Kind == CacheNoticeKind.Gap);

        // Before and after the checkers agree: whichever shard takes it is heard.
        await sender.PublishAsync(new CacheNotice(CacheNoticeKind.Key, key), Cancel.Soon);
        await heard.WaitForKeyAsync(key);
        await Views.WaitAsync(client, Views.IsDead("shard2"));
        await sender.PublishAsync(new CacheNotice(CacheNoticeKind.Key, key, new byte[] { 1 }), Cancel.Soon);
        await heard.WaitForKeyAsync(key);

        await Stack.Shards["shard2"].RestartAsync();
        await Views.WaitAsync(client, Views.IsAlive("shard2"));
        await Views.WaitAsync(other, Views.IsAlive("shard2"));

        // What is sent until it is heard again is made good by gaps: so a gap or the notice itself comes after each.
        for (var i = 0; i < 20; i++)
        {
            await sender.PublishAsync(new CacheNotice(CacheNoticeKind.Key, key, new byte[] { 2, (byte)i }), Cancel.Soon);
            await heard.WaitAsync(notice => notice.Kind == CacheNoticeKind.Gap || notice.Data.Length == 2);
        }
    }

    [Fact]
    public async Task What_no_shard_takes_is_an_error_and_is_made_good_for_a_write_that_is_done()
    {
        await Stack.StartEmptyAsync();
        await Stack.StartShardAsync("shard1");
        await using var client = await SingleConnector.ConnectAsync(Stack.Shards["shard1"].Addr, cancellationToken: Cancel.Soon);
        await using var other = await SingleConnector.ConnectAsync(Stack.Shards["shard1"].Addr, cancellationToken: Cancel.Soon);
        await using var sender = new CacheBackplane(client);
        await using var hearer = new CacheBackplane(other);
        await using var heard = await NoticeReader.StartAsync(hearer);
        await Stack.Shards["shard1"].KillAsync();
        await heard.WaitAsync(notice => notice.Kind == CacheNoticeKind.Gap);

        await Assert.ThrowsAsync<RingKeeperException>(() => sender.PublishAsync(new CacheNotice(CacheNoticeKind.Key, "k"), Cancel.Soon));
        Assert.Throws<RingKeeperException>(() => sender.Publish(new CacheNotice(CacheNoticeKind.Key, "k")));
        await sender.PublishOrOweAsync(new CacheNotice(CacheNoticeKind.Key, "k"));
        await Stack.Shards["shard1"].RestartAsync();

        // Heard, or sent before the subscription was restored: then a gap says as much.
        await heard.WaitAsync(notice => notice.Kind is CacheNoticeKind.Everything or CacheNoticeKind.Gap);
    }

    [Fact]
    public async Task Bytes_that_are_no_notice_are_counted_and_stop_nothing()
    {
        await Stack.StartEmptyAsync();
        await Stack.StartShardAsync("shard1");
        await using var client = await SingleConnector.ConnectAsync(Stack.Shards["shard1"].Addr, cancellationToken: Cancel.Soon);
        await using var sender = new CacheBackplane(client);
        await using var hearer = new CacheBackplane(client);
        await using var heard = await NoticeReader.StartAsync(hearer);
        using var bad = new CounterWatch("ringkeeper.cache.backplane.bad");
        await using var direct = await ConnectionMultiplexer.ConnectAsync(Stack.Shards["shard1"].Addr);
        foreach (var bytes in new[] { "", "hello", "\xF7RB" })
        {
            await direct.GetSubscriber().PublishAsync(RedisChannel.Literal("ringkeeper:cache"), bytes);
        }

        await sender.PublishAsync(new CacheNotice(CacheNoticeKind.Key, "k"), Cancel.Soon);
        await heard.WaitForKeyAsync("k");
        Assert.True(bad.Sum >= 3, $"{bad.Sum} counted.");
    }

    [Fact]
    public async Task Only_what_is_outdated_can_be_published()
    {
        await Stack.StartEmptyAsync();
        await Stack.StartShardAsync("shard1");
        await using var client = await SingleConnector.ConnectAsync(Stack.Shards["shard1"].Addr, cancellationToken: Cancel.Soon);
        var backplane = new CacheBackplane(client);

        await Assert.ThrowsAsync<ArgumentException>(() => backplane.PublishAsync(new CacheNotice(CacheNoticeKind.Gap), Cancel.Soon));
        Assert.Throws<ArgumentException>(() => backplane.Publish(new CacheNotice((CacheNoticeKind)9)));
        await backplane.DisposeAsync();
        await backplane.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => backplane.StartAsync(Cancel.Soon));
    }
}
