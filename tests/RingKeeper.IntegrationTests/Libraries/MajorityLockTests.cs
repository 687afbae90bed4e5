using Medallion.Threading.Redis;
using RedLockNet.SERedis;
using RedLockNet.SERedis.Configuration;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Libraries;

/// <summary>DistributedLock.Redis and RedLock.net over all shards, which write down what they acknowledge: a lock that a returning shard has forgotten could be taken twice.</summary>
[Trait("Speed", "Slow")]
public sealed class MajorityLockTests
{
    private const int Contenders = 3;
    private const int Turns = 30;

    [Fact]
    public async Task A_lock_by_majority_has_one_holder_at_a_time_and_goes_on_while_a_minority_is_away()
    {
        await using var scene = await LibraryScene.StartDurableAsync();
        var clusters = new List<ZKCluster>();
        for (var i = 0; i < Contenders; i++)
        {
            clusters.Add(await scene.ConnectAsync());
        }

        using var medallion = new LockContest();
        using var redLock = new LockContest();
        using var factories = new Factories(clusters);
        Task[] contending =
        [
            .. clusters.Select(cluster => medallion.ContendAsync(end => TakeMedallionAsync("stock", cluster, end))),
            .. factories.All.Select(factory => redLock.ContendAsync(end => TakeRedLockAsync("orders", factory, end))),
        ];
        await Both(Turns);

        await scene.KillAsync("shard2");
        await Both(Turns);
        await scene.AgreedAsync("shard2");
        await Both(Turns);
        await scene.ReturnAsync("shard2");
        await Both(Turns);
        await Task.WhenAll(medallion.EndAsync(), redLock.EndAsync());
        await Task.WhenAll(contending).WaitAsync(Cancel.Soon);
        Assert.Equal((0, medallion.Turns), (medallion.Doubles, medallion.Register));
        Assert.Equal((0, redLock.Turns), (redLock.Doubles, redLock.Register));

        // The shard that returned counts again. With two of three away there is no majority, and none is made up by a shard that stands in.
        await scene.KillAsync("shard3");
        await scene.AgreedAsync("shard3");
        await AssertSomebodyGetsItAsync("with a minority away", clusters[0], factories.All[0]);
        await scene.KillAsync("shard1");
        await scene.AgreedAsync("shard1");
        await AssertNobodyGetsItAsync("with a majority away", clusters[0], factories.All[0]);
        await scene.ReturnAsync("shard3");
        await AssertSomebodyGetsItAsync("with a majority back", clusters[0], factories.All[0]);

        async Task Both(int turns) => await Task.WhenAll(medallion.MoreAsync(turns), redLock.MoreAsync(turns));
    }

    // What a lock's holder could not release on a shard that died stays there until it expires; each of these locks is a new one.
    private static async Task AssertSomebodyGetsItAsync(string name, ZKCluster cluster, RedLockFactory factory)
    {
        await using var medallion = await TakeMedallionAsync(name, cluster, Cancel.Soon);
        await using var redLock = await TakeRedLockAsync($"{name}, too", factory, Cancel.Soon);
        Assert.NotNull(medallion);
        Assert.NotNull(redLock);
    }

    private static async Task AssertNobodyGetsItAsync(string name, ZKCluster cluster, RedLockFactory factory)
    {
        var dead = cluster.View.Ring.Shards.Where((_, i) => cluster.View.StatusOf(i) is { Alive: false }).Select(shard => shard.Addr).ToList();
        var medallion = new RedisDistributedLock(name, cluster.GetShardDatabases());
        var failure = await Assert.ThrowsAsync<AggregateException>(async () => await medallion.TryAcquireAsync(cancellationToken: Cancel.Soon));
        Assert.All(failure.InnerExceptions, error => Assert.Contains(dead, addr => Assert.IsType<RedisConnectionException>(error).ToString().Contains(addr, StringComparison.Ordinal)));
        await using var redLock = await factory.CreateLockAsync($"{name}, too", TimeSpan.FromSeconds(10));
        Assert.False(redLock.IsAcquired);
    }

    private static async Task<IAsyncDisposable?> TakeMedallionAsync(string name, ZKCluster cluster, CancellationToken end)
    {
        var medallion = new RedisDistributedLock(name, cluster.GetShardDatabases());
        try
        {
            return await medallion.TryAcquireAsync(TimeSpan.FromSeconds(5), end);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<IAsyncDisposable?> TakeRedLockAsync(string name, RedLockFactory factory, CancellationToken end)
    {
        try
        {
            var taken = await factory.CreateLockAsync(name, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(10), end);
            return taken.IsAcquired ? taken : null;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return null;
        }
    }

    private sealed class Factories(IEnumerable<ZKCluster> clusters) : IDisposable
    {
        public IReadOnlyList<RedLockFactory> All { get; } = [.. clusters.Select(Create)];

        public void Dispose()
        {
            foreach (var factory in All)
            {
                factory.Dispose();
            }
        }

        private static RedLockFactory Create(ZKCluster cluster)
        {
            var shards = cluster.GetShardDatabases().Select(shard => new RedLockMultiplexer(shard.Multiplexer));
            return RedLockFactory.Create([.. shards]);
        }
    }
}
