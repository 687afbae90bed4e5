using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>How a cluster comes to have something to fill from.</summary>
public abstract partial class WarmReturnSuite<TStack>
{
    [Fact]
    public async Task An_arrival_is_filled_from_the_shards_that_served_its_keys_before()
    {
        await StartAsync(Window);
        var all = Enumerable.Range(0, 200).Select(static i => $"arrival:{i}").ToArray();
        await Cache.SetManyAsync<string>([.. all.Select(static key => KeyValuePair.Create((RedisKey)key, $"of {key}"))], Life, Cancel.Soon);
        var arrived = await Stack.StartShardAsync("shard4");
        await Stack.UpdateAsync(shards => [.. shards, arrived]);
        await Views.WaitAsync(Client, view => view.Ring.Shards.Count == 4 && Views.AllAlive(view));
        await Views.ServesAsync(Client, "shard4");
        var theirs = all.Where(key => OwnerOf(key).Name == "shard4").ToArray();

        Assert.NotEmpty(theirs);
        Assert.All(await Cache.GetManyAsync<string>([.. all.Select(static key => (RedisKey)key)], Cancel.Soon), static result => Assert.True(result.IsHit));
        Assert.Equal(theirs.Length, Cache.Counters.Fills);

        // Removed there, it does not come back from its former owner.
        Assert.True(await Cache.RemoveAsync(theirs[0], Cancel.Soon));
        Assert.False((await Cache.GetAsync<string>(theirs[0], Cancel.Soon)).IsHit);
    }

    private async Task StartAsync(TimeSpan? window)
    {
        await Stack.StartAsync(checkers: 1, options: new ZKClusterOptions { ExpectedCheckers = 1, FlapPolicy = FlapPolicy.Off, WarmReturn = window });
        Client = await Stack.ConnectAsync();
        await Views.WaitAsync(Client, Views.AllAlive);
        Cache = new VersionedCache(Client);
        for (var i = 0; i < _keys.Length; i++)
        {
            _keys[i] = Views.KeyOf(Client.View.Ring, "shard1", i);
        }
    }

    /// <summary>The heirs of shard1 are given values while it is away; then it is back, empty or not.</summary>
    private async Task ReturnAsync(TimeSpan? window)
    {
        await StartAsync(window);
        await KillAsync("shard1");
        await Cache.SetManyAsync<string>([.. _keys.Select(static (key, i) => KeyValuePair.Create((RedisKey)key, $"heir's {i}"))], Life, Cancel.Soon);
        _other = await Stack.ConnectAsync();
        await Views.WaitAsync(_other, Views.IsDead("shard1"));
        await RestartAsync("shard1");
        await Views.ServesAsync(_other, "shard1");
    }

    private async Task KillAsync(string shard)
    {
        await Stack.Shards[shard].KillAsync();
        await Views.WaitAsync(Client, Views.IsDead(shard));
    }

    private async Task RestartAsync(string shard)
    {
        await Stack.Shards[shard].RestartAsync();
        await Views.ServesAsync(Client, shard);
    }

    private ValueTask<ShardRoute> RouteAsync(string key) => Client.ConnectAsync(key, cancellationToken: Cancel.Soon);

    private Shard OwnerOf(string key) => Client.View.Ring.Shards[Client.View.Ring.GetOwner(Encoding.UTF8.GetBytes(key))];

    /// <summary>The shard that serves a key while its owner is away, and what it holds.</summary>
    private async Task<(string Name, IDatabase Database, CopyHeader Copy)> HeirOfAsync(string key)
    {
        var ring = Client.View.Ring;
        var walk = new int[2];
        ring.GetOrder(Encoding.UTF8.GetBytes(key), walk);
        var heir = ring.ShardAt(walk[1]);
        var database = (await Client.ConnectAsync(Views.KeyOf(ring, heir.Name), cancellationToken: Cancel.Soon)).Database;
        return (heir.Name, database, await HeaderAsync(database, key));
    }

    private static async Task<CopyHeader> HeaderAsync(IDatabase database, string key) =>
        CopyHeader.TryRead((byte[]?)await database.StringGetAsync(key), out var header) ? header : default;
}
