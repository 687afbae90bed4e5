using System.Reflection;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Caching;

/// <summary>A compare-and-set by token holds for the run that the view knows, before it is sent and after the answer.</summary>
public sealed class CheckAndSetRunTests
{
    private static readonly Shard Shard = new("a", "127.0.0.1:1");
    private static readonly CacheExpiry Life = CacheExpiry.After(TimeSpan.FromMinutes(1));
    private readonly ShardRunSlot _slot = new() { Current = new ShardRun("run1") };
    private readonly IDatabase _database = DispatchProxy.Create<IDatabase, AnsweringDatabase>();
    private int _sent;

    [Theory]
    [InlineData(CacheFormat.Own)]
    [InlineData(CacheFormat.GoreLib)]
    public async Task A_success_over_the_views_run_is_one(CacheFormat format) => Assert.Equal((WriteOutcome.Done, 1), (await WriteAsync(format, () => { }), _sent));

    [Theory]
    [InlineData(CacheFormat.Own)]
    [InlineData(CacheFormat.GoreLib)]
    public async Task Over_another_run_nothing_is_sent(CacheFormat format)
    {
        foreach (var run in new[] { null, new ShardRun("run2") })
        {
            _slot.Current = run;
            Assert.Equal((WriteOutcome.Changed, 0), (await WriteAsync(format, () => { }), _sent));
        }
    }

    [Theory]
    [InlineData(CacheFormat.Own)]
    [InlineData(CacheFormat.GoreLib)]
    public async Task A_success_that_another_run_may_have_given_is_none(CacheFormat format)
    {
        Assert.Equal(WriteOutcome.Changed, await WriteAsync(format, () => _slot.Current = new ShardRun("run2")));

        // The same run over another connection: between the two the server may have been another.
        _slot.Current = new ShardRun("run1");
        Assert.Equal(WriteOutcome.Changed, await WriteAsync(format, () => _slot.Current = new ShardRun("run1")));
    }

    [Theory]
    [InlineData(CacheFormat.Own)]
    [InlineData(CacheFormat.GoreLib)]
    public async Task Where_the_token_is_none_a_read_would_have_missed_over_any_run(CacheFormat format) =>
        Assert.Equal(WriteOutcome.Done, await WriteAsync(format, () => _slot.Current = new ShardRun("run2"), none: true));

    private async Task<WriteOutcome> WriteAsync(CacheFormat format, Action whileUnderWay, bool none = false)
    {
        var ring = new ZKClusterOptions { RingType = RingTypes.Consistent, RingParams = "4" }.CreateRingBuilder().Build([Shard]);
        var view = new ClusterView(ring, true, 1, 10, 1, new Dictionary<string, ShardStatus> { [Shard.Addr] = new(Shard.Addr, true, 20) { RunId = "run1" } });
        var route = new ShardRoute(_database, Shard, view.Route("k"u8, RoutePolicy.Failover), new RouteOrigin(view, 0, _slot), readsAreMisses: false);
        ((AnsweringDatabase)_database).Script = () =>
        {
            _sent++;
            whileUnderWay();
            return format == CacheFormat.Own ? RedisResult.Create(1, ResultType.Integer) : RedisResult.Create("5000000", ResultType.BulkString);
        };
        var copies = CopyFormats.Create(new VersionedCacheOptions { Format = format }, new Nonces(1));
        var token = none ? CacheToken.None : new CacheToken(Shard.Addr, route.ValidSince, 4_000_000, 1);
        return (await copies.CheckAndWriteAsync(route, "k", new byte[] { 1 }, Life, token)).Outcome;
    }
}

/// <summary>Answers scripts as a test wants, and nothing else.</summary>
public class AnsweringDatabase : DispatchProxy
{
    public Func<RedisResult>? Script { get; set; }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == nameof(IDatabase.ScriptEvaluateAsync)
        ? Task.FromResult(Script!())
        : throw new NotSupportedException(targetMethod.Name);
}
