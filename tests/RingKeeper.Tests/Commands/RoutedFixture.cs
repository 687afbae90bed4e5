using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using RingKeeper.Tests.Shards;
using StackExchange.Redis;

namespace RingKeeper.Tests.Commands;

/// <summary>A ring of two shards that note what reaches them.</summary>
internal sealed class RoutedFixture : IAsyncDisposable
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    public static readonly Shard A = new("a", ":1");
    public static readonly Shard B = new("b", ":2");

    private readonly FakeRedis _redis = new();
    private readonly RoutedFaces _faces;

    private RoutedFixture(ClusterOptions options)
    {
        Host = new ViewHost(options with { TimeProvider = Clock }, "shop", _redis.OpenAsync);
        _faces = new RoutedFaces(Host);
    }

    public static ShardStatus[] AllAlive => [new(":1", true, 1), new(":2", true, 1)];

    public StepClock Clock { get; } = new();

    public ViewHost Host { get; }

    public IDatabase Database => _faces.Get(RoutePolicy.Failover).Database;

    public IDatabase OwnerOnly => _faces.Get(RoutePolicy.OwnerOnly).Database;

    public ISubscriber Subscriber => _faces.Get(RoutePolicy.Failover).Subscriber;

    public static async Task<RoutedFixture> StartAsync(bool failover = true, params ShardStatus[] statuses)
    {
        var fixture = new RoutedFixture(new ClusterOptions());
        await fixture.ApplyAsync(View(failover, statuses));
        foreach (var shard in new[] { A, B })
        {
            fixture.Redis(shard).Calls = new();
        }

        return fixture;
    }

    public static RoutedFixture StartWithoutView() => new(new ClusterOptions());

    public Task ApplyAsync(ClusterView view) => Host.ApplyAsync(view, default).WaitAsync(Soon);

    public Task SayAsync(params ShardStatus[] statuses) =>
        ApplyAsync(Host.View!.WithStatuses(Host.View.StatusVersion + 1, statuses.ToDictionary(status => status.Addr)));

    public FakeDatabase Redis(Shard shard) => (FakeDatabase)(object)_redis.Last(shard.Addr).Database;

    public FakeMultiplexer Connection(Shard shard) => _redis.Last(shard.Addr);

    public FakeSubscriber On(Shard shard) => Connection(shard).Subscriber;

    public ConcurrentQueue<(MethodInfo Method, object?[] Arguments)> Calls(Shard shard) => Redis(shard).Calls!;

    /// <summary>A key that the shard owns.</summary>
    public static string KeyOf(Shard shard, int nth = 0)
    {
        var ring = Ring();
        return Enumerable.Range(0, 1000).Select(i => $"k{i}").Where(key => ring.Shards[ring.GetOwner(Encoding.UTF8.GetBytes(key))] == shard).ElementAt(nth);
    }

    public static Shard Other(Shard shard) => shard == A ? B : A;

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private static HashRing Ring() => new ConsistentRingBuilder("20").Build([A, B]);

    private static ClusterView View(bool failover, ShardStatus[] statuses) => new(Ring(), failover, 1, 0, 1, statuses.ToDictionary(status => status.Addr));
}
