using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>Removals by tag, and what makes good for those that nobody told of.</summary>
public abstract partial class HybridCacheSuite<TStack>
{
    [Fact]
    public async Task A_removal_by_tag_reaches_other_processes_and_those_that_start_later()
    {
        await Stack.StartAsync(checkers: 1);
        var (here, there) = (await StartAsync(), await StartAsync());
        for (var i = 0; i < 10; i++)
        {
            await here.SetAsync($"red{i}", "old", tags: ["red", "all"], cancellationToken: Cancel.Soon);
            await here.SetAsync($"blue{i}", "old", tags: ["blue", "all"], cancellationToken: Cancel.Soon);
            await BecomesAsync(there, $"red{i}", "old");
            await BecomesAsync(there, $"blue{i}", "old");
        }

        await here.RemoveByTagAsync("red", Cancel.Soon);
        var later = await StartAsync();
        for (var i = 0; i < 10; i++)
        {
            await BecomesAsync(there, $"red{i}", null);
            Assert.Null(await ReadAsync(here, $"red{i}"));
            Assert.Null(await ReadAsync(later, $"red{i}"));
            Assert.Equal("old", await ReadAsync(there, $"blue{i}"));
            Assert.Equal("old", await ReadAsync(later, $"blue{i}"));
        }

        await here.SetAsync("red0", "new", tags: ["red"], cancellationToken: Cancel.Soon);
        await BecomesAsync(there, "red0", "new");
        await there.RemoveByTagAsync("*", Cancel.Soon);
        await BecomesAsync(here, "red0", null);
        await BecomesAsync(here, "blue0", null);
    }

    [Fact]
    public async Task A_removal_by_tag_outlives_any_one_shard()
    {
        await Stack.StartAsync();
        var here = await StartAsync();
        var ring = _hosts[0].Get<ZKCluster>().View.Ring;
        foreach (var shard in ring.Shards)
        {
            await here.SetAsync(Views.KeyOf(ring, shard.Name), "old", tags: ["red"], cancellationToken: Cancel.Soon);
        }

        await here.RemoveByTagAsync("red", Cancel.Soon);
        var owner = ring.Shards[ring.GetOwner("__MSFT_HCT__red"u8)].Name;
        await Stack.Shards[owner].KillAsync();
        await Views.WaitAsync(_hosts[0].Get<ZKCluster>(), Views.IsDead(owner));

        var later = await StartAsync();
        foreach (var shard in ring.Shards.Where(shard => shard.Name != owner))
        {
            Assert.Null(await ReadAsync(later, Views.KeyOf(ring, shard.Name)));
        }
    }

    [Fact]
    public async Task A_mark_that_a_shard_lacks_is_written_there_by_whoever_reads_it()
    {
        await Stack.StartAsync(checkers: 1);
        var here = await StartAsync();
        await here.SetAsync("k", "old", tags: ["red"], cancellationToken: Cancel.Soon);
        await here.RemoveByTagAsync("red", Cancel.Soon);
        await using var shard = await ConnectionMultiplexer.ConnectAsync(Stack.Shards["shard2"].Addr);
        await using var other = await ConnectionMultiplexer.ConnectAsync(Stack.Shards["shard1"].Addr);
        var mark = await shard.GetDatabase().StringGetAsync("__MSFT_HCT__red");
        Assert.True(await shard.GetDatabase().KeyDeleteAsync("__MSFT_HCT__red"));

        Assert.Null(await ReadAsync(await StartAsync(), "k"));

        Assert.Equal(mark, await shard.GetDatabase().StringGetAsync("__MSFT_HCT__red"));
        var (life, others) = (await shard.GetDatabase().KeyTimeToLiveAsync("__MSFT_HCT__red"), await other.GetDatabase().KeyTimeToLiveAsync("__MSFT_HCT__red"));
        Assert.InRange(life!.Value, others!.Value - TimeSpan.FromMinutes(1), others.Value + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task What_nobody_told_of_is_made_good_by_a_gap()
    {
        await Stack.StartAsync();
        var there = await StartAsync();
        var cluster = _hosts[0].Get<ZKCluster>();
        var ring = cluster.View.Ring;
        var (key, red) = (Views.KeyOf(ring, "shard1"), Views.KeyOf(ring, "shard2"));
        var green = Enumerable.Range(0, 1000).Select(i => $"green{i}").First(key => ring.Shards[ring.GetOwner(Encoding.UTF8.GetBytes(key))].Name == "shard2");
        var silent = await StartAsync(isSilent: true);

        // As on a notice: the other process then knows this tag without ever having asked the ring for it.
        await NotifyingDistributedCache.RunNearAsync(() => there.RemoveByTagAsync("green", Cancel.Soon));
        await silent.SetAsync(key, "old", cancellationToken: Cancel.Soon);
        await silent.SetAsync(red, "old", tags: ["red"], cancellationToken: Cancel.Soon);
        await silent.SetAsync(green, "old", tags: ["green"], cancellationToken: Cancel.Soon);
        await BecomesAsync(there, key, "old");
        await BecomesAsync(there, red, "old");
        await BecomesAsync(there, green, "old");
        await silent.SetAsync(key, "new", cancellationToken: Cancel.Soon);
        await silent.RemoveByTagAsync("red", Cancel.Soon);
        await silent.RemoveByTagAsync("green", Cancel.Soon);
        Assert.Equal("old", await ReadNearAsync(there, key));
        Assert.Equal("old", await ReadNearAsync(there, red));
        Assert.Equal("old", await ReadNearAsync(there, green));

        await Stack.Shards["shard3"].KillAsync();
        await BecomesAsync(there, key, "new");
        await BecomesAsync(there, red, null);
        await BecomesAsync(there, green, null);
    }
}
