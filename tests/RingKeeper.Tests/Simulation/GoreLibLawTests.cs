using System.Diagnostics;
using System.Globalization;
using RingKeeper.IntegrationTests;
using RingKeeper.Simulator;
using RingKeeper.Simulator.Caches;
using RingKeeper.ZooKeeper.Embedded.Tree;
using Xunit;

namespace RingKeeper.Tests.Simulation;

/// <summary>
/// The promise of the cache in the format of the Go package over many simulated runs: while clocks keep within the tolerance nothing stale is read, and beyond it what is
/// read stale is counted and told.
/// </summary>
public sealed class GoreLibLawTests
{
    private const int QuickReads = 20_000;
    private const int ManyReads = 200_000;
    private const int ReadsFarApart = 20_000;

    // Judged by the runs without caches: its excuses are made for fewer restarts a second.
    private static readonly Law[] Waived = [Law.LeaderStays];

    private static readonly Law[] Touched = [Law.ReadsAreFresh, Law.NoneReturns, Law.SwapIsOfAFreshCopy, Law.FlipHasMajority, Law.StampsRise];

    [Fact]
    public void No_stale_copy_is_read_within_the_tolerance_in_the_runs_of_a_fixed_seed() => Hold(firstSeed: 1, QuickReads);

    [Fact]
    [Trait("Speed", "Slow")]
    [Trait("Run", "Alone")]
    public void No_stale_copy_is_read_within_the_tolerance_in_many_reads_of_a_seed_of_the_day()
    {
        // Another one each day, and told, so that what it finds can be found again.
        var today = TimeProvider.System.GetUtcNow();
        Hold(firstSeed: (today.Year * 1_000_000) + (today.DayOfYear * 1_000), ManyReads);
    }

    [Fact]
    public void What_is_read_stale_beyond_the_tolerance_is_counted_and_told()
    {
        var result = Run(firstSeed: 1, ReadsFarApart, static _ => FaultProfile.GoreLibFarApart);
        Assert.True(result.Broken is null, string.Join(Environment.NewLine, result.Describe()));
        Assert.True(result.Cache.StaleBeyondTolerance > 0, "clocks far apart did no harm: nothing was put to the test");
        Assert.Contains(result.Describe(), line => line.Contains(string.Create(CultureInfo.InvariantCulture, $"{result.Cache.StaleBeyondTolerance} stale while clocks"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(190, false)]
    [InlineData(210, true)]
    public void A_stamp_counts_as_late_by_the_time_from_it_to_its_publication(int lateMilliseconds, bool isLate)
    {
        var views = new PublishedViews(TimeSpan.FromMilliseconds(200));
        var stamp = (ProcessClock.Start + TimeSpan.FromSeconds(5) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var commit = new Commit(7, 0, 0, [new SetDataOperation(ZKPaths.Cluster(RingKeeper.Simulator.Simulation.Cluster), ZNodeCodec.EncodeStamp(stamp), -1)], EndsSession: false);

        views.Note(commit, (TimeSpan.FromSeconds(5) + TimeSpan.FromMilliseconds(lateMilliseconds)).Ticks);

        Assert.Equal(isLate, views.IsLate(stamp, 0));
        Assert.Equal(isLate, views.IsLate(0, stamp));
        Assert.False(views.IsLate(stamp + 1, stamp));
    }

    /// <summary>The laws can fail in this format too.</summary>
    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData(nameof(CacheMutations.OwnSinceOnly))]
    [InlineData(nameof(CacheMutations.NoTopologyPart))]
    [InlineData(nameof(CacheMutations.RunIgnored))]
    public void A_spoiled_rule_of_copies_breaks_a_law(string mutant)
    {
        var mutation = CacheMutations.All.Single(m => m.Name == mutant);
        var result = RunBatch.Run(1, maxRuns: 40, long.MaxValue, s => new SimulationOptions(s, FaultProfile.GoreLib) { Waived = Waived, Mutation = mutation });
        Assert.True(result.Broken is not null, $"{mutant}: {mutation.What}, and no law was broken in {result.Runs} runs");
        Assert.Contains(result.Broken.Violations[0].Law, (Law[])[Law.ReadsAreFresh, Law.NoneReturns, Law.SwapIsOfAFreshCopy]);
    }

    private static void Hold(int firstSeed, long reads)
    {
        var result = Run(firstSeed, reads, FaultProfile.OfGoreLibRun);
        Assert.True(result.Broken is null, string.Join(Environment.NewLine, [.. result.Describe(), .. result.Broken?.Trace.TakeLast(80) ?? []]));
        Assert.True(result.Cache.Reads >= reads);
        Assert.True(result.Cache.Hits > result.Cache.Reads / 3, "hardly any read found a copy");
        Assert.Equal(0, result.Cache.StaleBeyondTolerance);
        Assert.True(result.Cache.HitsOfLateStamps < result.Cache.Hits / 10, "too much was left out");
        Assert.All(Touched, law => Assert.True(result.Judged(law) > 0, $"{law} was never put to the test"));
        Assert.All(
            new[] { FaultKind.TopologyUnseen, FaultKind.StatusUnseen, FaultKind.DataLost, FaultKind.DataRolledBack, FaultKind.DataKept, FaultKind.TopologyReshaped, FaultKind.KeysEvicted, FaultKind.EnsembleDown, FaultKind.ClockStepped },
            kind => Assert.True(result.Faults[kind] > 0, $"{kind} never happened"));
    }

    private static BatchResult Run(int firstSeed, long reads, Func<int, FaultProfile> profile)
    {
        var watch = Stopwatch.StartNew();
        var result = RunBatch.Run(firstSeed, int.MaxValue, long.MaxValue, s => new SimulationOptions(s, profile(s)) { Waived = Waived }, minReads: reads);
        RunReport.Write([string.Create(CultureInfo.InvariantCulture, $"simulated caches in the format of the Go package from seed {firstSeed}, {watch.Elapsed.TotalSeconds:0.0} s:"), .. result.Describe()]);
        return result;
    }
}
