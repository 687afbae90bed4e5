using Microsoft.Extensions.Time.Testing;
using RingKeeper.Cli;
using RingKeeper.Cli.Balance;
using RingKeeper.Cli.Bench;
using Xunit;

namespace RingKeeper.Tests.Cli;

/// <summary>What balance and bench reckon with, without a server.</summary>
public sealed class BalanceAndBenchTests
{
    private static readonly Shard[] Shards = [new("a", ":1"), new("b", ":2"), new("c", ":3")];

    [Fact]
    public async Task Keys_are_read_at_the_rate_over_all_shards_and_no_burst_follows_a_pause()
    {
        var time = new FakeTimeProvider();
        var pace = new ScanPace(100, time);

        Assert.True(pace.WaitAsync(50, CancellationToken.None).IsCompleted);
        var second = pace.WaitAsync(50, CancellationToken.None);
        var third = pace.WaitAsync(1, CancellationToken.None);
        time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(second.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await second;
        Assert.False(third.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(60));
        await third;

        Assert.True(pace.WaitAsync(100, CancellationToken.None).IsCompleted);
        Assert.False(pace.WaitAsync(1, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public void A_sample_is_shared_out_by_keys_with_one_at_least_and_none_of_the_empty()
    {
        var samples = Samples();
        (samples[0].Keys, samples[1].Keys, samples[2].Keys) = (9_000, 0, 2);

        Quotas.Share(samples, 100);
        Assert.Equal([99, 0, 1], samples.Select(sample => sample.Quota));
        Quotas.Share(samples, 10_000);
        Assert.Equal([9_000, 0, 2], samples.Select(sample => sample.Quota));
        Quotas.Share(samples, null);
        Assert.True(samples[0].Quota > 1_000_000_000 && samples[1].Quota == 0);
    }

    [Fact]
    public void Bytes_are_scaled_with_their_uncertainty_which_is_none_of_the_whole()
    {
        var sample = Samples()[0];
        sample.Keys = 1_000;
        for (var i = 0; i < 100; i++)
        {
            Assert.True(sample.IsNew([(byte)i]));
            Assert.False(sample.IsNew([(byte)i]));
            sample.Add([(byte)i], i % 2 == 0 ? 50 : 150);
        }

        // The deviation of a sample of two values, 50 and 150, half of each, is 50.25; 1.96 · 1000 · 50.25 / 10 · sqrt(900/999).
        var (bytes, margin) = sample.Scaled!.Value;
        Assert.Equal(100_000, bytes, 6);
        Assert.InRange(margin, 9_340, 9_360);
        sample.IsWhole = true;
        Assert.Equal((10_000.0, 0.0), sample.Scaled!.Value);
    }

    [Fact]
    public void A_key_on_another_shard_was_left_by_a_failover_or_by_an_earlier_topology_or_belongs_nowhere()
    {
        var options = new ZKClusterOptions { RingType = RingTypes.Rendezvous };
        ShardStatus[] alive = [.. Shards.Select(shard => new ShardStatus(shard.Addr, true, 1_000))];
        var cluster = new ZKClusterInfo("c", 2_000, options, Shards);
        var homes = KeyHomes.Of(cluster, KeyPlace.ViewOf(cluster, alive));
        var key = "some key"u8.ToArray();
        var order = new int[3];
        options.CreateRingBuilder().Build(Shards).GetOrder(key, order);

        Assert.Equal([KeyHome.Right, KeyHome.Failover, KeyHome.Elsewhere], order.Select(shard => homes.Of(key, shard)));

        // The owner is away: the next serves.
        var dead = alive.Select(status => status.Addr == Shards[order[0]].Addr ? new ShardStatus(status.Addr, false, 1_500) : status);
        Assert.Equal(KeyHome.Right, KeyHomes.Of(cluster, KeyPlace.ViewOf(cluster, dead)).Of(key, order[1]));

        // The last alone was the cluster before.
        var earlier = cluster with { History = HistoryNode.Missing with { Earlier = [new EarlierTopology(1_500, options, [Shards[order[2]]], 0)] } };
        Assert.Equal(KeyHome.Topology, KeyHomes.Of(earlier, KeyPlace.ViewOf(earlier, alive)).Of(key, order[2]));

        var without = cluster with { Options = options with { FailoverEnabled = false } };
        Assert.Equal(KeyHome.Elsewhere, KeyHomes.Of(without, KeyPlace.ViewOf(without, alive)).Of(key, order[1]));
    }

    [Fact]
    public void Percentiles_are_right_within_two_percent_over_nine_decades_and_recording_allocates_nothing()
    {
        var histogram = new LatencyHistogram();
        for (var i = 1; i <= 100_000; i++)
        {
            histogram.Record(TimeSpan.FromTicks(i * 37L));
        }

        foreach (var part in new[] { 0.001, 0.5, 0.9, 0.99, 0.999 })
        {
            Assert.InRange(histogram.Percentile(part).Ticks / (part * 3_700_000), 0.999, 1.017);
        }

        Assert.Equal(TimeSpan.FromTicks(3_700_000), histogram.Max);
        Assert.Equal(histogram.Max, histogram.Percentile(1));
        var other = new LatencyHistogram();
        other.Record(TimeSpan.FromDays(9));
        other.Record(TimeSpan.Zero);
        histogram.Add(other);
        Assert.Equal((100_002, TimeSpan.FromDays(9)), (histogram.Count, histogram.Max));
        Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Percentile(0.99));
        var before = GC.GetAllocatedBytesForCurrentThread();
        histogram.Record(TimeSpan.FromMilliseconds(3));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_same_seed_gives_the_same_choices_and_clients_differ()
    {
        var (one, same, other) = (new BenchDice(7, 1), new BenchDice(7, 1), new BenchDice(7, 2));
        var chosen = Enumerable.Range(0, 1_000).Select(_ => (A: one.Next(100), B: same.Next(100), C: other.Next(100))).ToList();

        Assert.All(chosen, pair => Assert.Equal(pair.A, pair.B));
        Assert.Contains(chosen, pair => pair.A != pair.C);
        Assert.All(Enumerable.Range(0, 100), value => Assert.InRange(chosen.Count(pair => pair.A == value), 1, 40));
    }

    [Fact]
    public void Keys_of_a_load_spread_whatever_the_hash_tag_is()
    {
        var plan = new BenchPlan(TimeSpan.FromSeconds(1), 1, 0.5, 1, 100, 0);

        Assert.Equal("ringkeeper:bench:run:0", (string?)plan.NameKeys("run", "{}")[0]);
        Assert.Equal("ringkeeper-bench-run-0", (string?)plan.NameKeys("run", "::")[0]);
        Assert.Equal((TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(62)), (plan.WarmUp, plan.Expiry));
    }

    [Theory]
    [InlineData("bench", "c", "--duration", "11m")]
    [InlineData("bench", "c", "--duration", "500ms")]
    [InlineData("bench", "c", "--clients", "1025")]
    [InlineData("bench", "c", "--read", "1.1")]
    [InlineData("bench", "c", "--value-size", "1000001")]
    [InlineData("bench", "c", "--keys", "0")]
    [InlineData("bench", "c", "--keys", "1000000", "--value-size", "1000000")]
    [InlineData("balance", "c", "--sample", "5", "--all")]
    [InlineData("balance", "c", "--rate", "0")]
    [InlineData("balance", "c", "--database", "-1")]
    [InlineData("doctor", "c", "--timeout", "2m")]
    public async Task What_is_out_of_bounds_is_refused(params string[] args)
    {
        await using var error = new StringWriter();
        var code = await new CliApp(new CliEnvironment { Output = TextWriter.Null, Error = error, GetVariable = static _ => "127.0.0.1:1" }, CliHandlers.Wired).RunAsync(args, CancellationToken.None);

        Assert.Equal(ExitCodes.WrongUse, code);
        Assert.Contains(args[2], error.ToString(), StringComparison.Ordinal);
    }

    private static List<ShardSample> Samples()
    {
        var cluster = new ZKClusterInfo("c", 2_000, new ZKClusterOptions { RingType = RingTypes.Rendezvous }, Shards);
        var homes = KeyHomes.Of(cluster, KeyPlace.ViewOf(cluster, []));
        return [.. Shards.Select((shard, i) => new ShardSample(shard, i, 3, homes))];
    }
}
