using RingKeeper.Tests.Shards;
using Xunit;

namespace RingKeeper.Tests.GoFleet;

/// <summary>What was found wrong with the Go package, by its number, and is not so here: what needs no server. The others stand in the integration tests.</summary>
public sealed class DefectTests
{
    private static readonly Shard[] Shards = [.. Enumerable.Range(0, 64).Select(i => new Shard($"s{i}", $":{i + 1}"))];

    [Fact]
    public async Task Defect_12_First_connects_of_many_callers_at_once_share_one_connection_a_shard()
    {
        var redis = new FakeRedis();
        await using var host = new ViewHost(new ClusterOptions(), "shop", redis.OpenAsync);
        var ring = RingTypes.CreateBuilder(RingTypes.Consistent, "40").Build(Shards);
        var view = new ClusterView(ring, true, 1, 1, 1, Shards.ToDictionary(s => s.Addr, s => new ShardStatus(s.Addr, true, 1)));
        using var start = new ManualResetEventSlim();
        var callers = Enumerable.Range(0, 8).Select(worker => Task.Factory.StartNew(
            () =>
            {
                start.Wait();
                for (var i = 0; i < 1500; i++)
                {
                    host.ConnectAsync($"k{worker}:{i}", RoutePolicy.Failover, default).AsTask().GetAwaiter().GetResult();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();

        start.Set();
        await host.ApplyAsync(view, default);
        for (var i = 2; i < 50; i++)
        {
            await host.ApplyAsync(host.View!.WithStatuses(i, host.View.Statuses), default);
        }

        await Task.WhenAll(callers);
        Assert.Equal(Shards.Length, redis.Opened.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(99)]
    public void Defect_18_A_shard_returns_however_low_the_threshold_and_however_often_it_died(int thresholdMs)
    {
        var at = TimeSpan.Zero;
        var health = new ShardHealth(TimeSpan.FromMilliseconds(thresholdMs), at);
        for (var death = 0; death < 5; death++)
        {
            at += TimeSpan.FromMilliseconds(thresholdMs);
            health.OnResult(ProbeOutcome.Alive, at);
            Assert.Equal(ShardVerdict.Alive, health.Verdict);
            at += TimeSpan.FromMilliseconds(thresholdMs + 1);
            health.OnResult(ProbeOutcome.TimedOut, at);
            Assert.Equal(ShardVerdict.Dead, health.Verdict);
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-3")]
    public void Defect_19_Ring_parameters_that_make_no_ring_are_an_error_that_names_them(string parameters) =>
        Assert.Contains($"'{parameters}'", Assert.Throws<RingKeeperException>(() => RingTypes.CreateBuilder(RingTypes.Consistent, parameters).Build(Shards)).Message, StringComparison.Ordinal);

    [Fact]
    public void Defect_19_A_ring_without_shards_is_an_error() =>
        Assert.Throws<RingKeeperException>(() => RingTypes.CreateBuilder(RingTypes.Consistent, "4").Build([]));
}
