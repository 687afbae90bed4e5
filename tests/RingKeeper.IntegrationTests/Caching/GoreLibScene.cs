using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>One shard of a cluster, on a real server, whose epoch a test sets; caches of programs with clocks of their own, and a Go program.</summary>
internal sealed class GoreLibScene : IConnector
{
    /// <summary>A moment with 16 digits of microseconds, none of which a script may lose.</summary>
    public const long Now = 1_795_361_500_939_341;

    public const long Tolerance = 250_000;

    private readonly ConnectionMultiplexer _connection;
    private readonly string _addr;

    private GoreLibScene(ConnectionMultiplexer connection, string addr)
    {
        _connection = connection;
        _addr = addr;
        Go = new GoProgram(Database);
    }

    public IDatabase Database => _connection.GetDatabase();

    public GoProgram Go { get; }

    /// <summary>The time of the status, which is the epoch of all keys.</summary>
    public long Since { get; set; } = Now - 60_000_000;

    public string ShardAddr { get; set; } = "shard";

    public bool ReadsAreMisses { get; set; }

    public static async Task<GoreLibScene> StartAsync(string addr) => new(await ConnectionMultiplexer.ConnectAsync(addr), addr);

    public static FakeTimeProvider Clock(long microseconds = Now) => new(At(microseconds));

    public static DateTimeOffset At(long microseconds) => DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(microseconds);

    /// <summary>A cache of a program with this clock.</summary>
    public VersionedCache Cache(TimeProvider? clock = null, CacheFormat format = CacheFormat.GoreLib, ILogger? log = null) =>
        new(this, Options(clock, format, log));

    public GoreLibFormat Format(TimeProvider? clock = null, ILogger? log = null) => new(Options(clock, CacheFormat.GoreLib, log));

    public ShardRoute Route()
    {
        var shard = new Shard(ShardAddr, ShardAddr);
        var ring = RingTypes.CreateBuilder(RingTypes.Consistent, "4").Build([shard]);
        var view = new ClusterView(ring, true, 1, 0, 1, new Dictionary<string, ShardStatus> { [ShardAddr] = new(ShardAddr, true, Since) });
        return new ShardRoute(Database, shard, view.Route("k"u8, RoutePolicy.Failover), new RouteOrigin(view, 0, new ShardRunSlot()), ReadsAreMisses);
    }

    public async Task<TimeSpan?> TtlAsync(string key) => await Database.KeyTimeToLiveAsync(key);

    public ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy = RoutePolicy.Failover, CancellationToken cancellationToken = default) => new(Route());

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static VersionedCacheOptions Options(TimeProvider? clock, CacheFormat format, ILogger? log) =>
        new() { Format = format, TimeProvider = clock ?? Clock(), Logger = log ?? NullLogger.Instance };
}
