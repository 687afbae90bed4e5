using System.Diagnostics;
using System.Globalization;
using RingKeeper.IntegrationTests;
using RingKeeper.Simulator;
using Xunit;

namespace RingKeeper.Tests.Simulation;

/// <summary>The promise of the cache over many simulated runs: the product's views, routes, caches and leaders, whatever goes wrong.</summary>
public sealed class CacheLawTests
{
    private const int QuickReads = 20_000;
    private const int ManyReads = 500_000;

    // Judged by the runs without caches: its excuses are made for fewer restarts a second.
    private static readonly Law[] Waived = [Law.LeaderStays];

    // A law that nothing touches proves nothing.
    private static readonly Law[] Touched =
        [Law.ReadsAreFresh, Law.NoneReturns, Law.LaterEpochStays, Law.SwapMeetsItsCopy, Law.SwapIsOfAFreshCopy, Law.SwapOfNoneMeetsAMiss, Law.FillsAreFresh, Law.FlipHasMajority, Law.StampsRise];

    [Fact]
    public void No_stale_copy_is_read_in_the_runs_of_a_fixed_seed() => Hold(firstSeed: 1, QuickReads);

    [Fact]
    [Trait("Speed", "Slow")]
    [Trait("Run", "Alone")]
    public void No_stale_copy_is_read_in_half_a_million_reads_of_a_seed_of_the_day()
    {
        // Another one each day, and told, so that what it finds can be found again: run --cache --seed N.
        var today = TimeProvider.System.GetUtcNow();
        Hold(firstSeed: (today.Year * 1_000_000) + (today.DayOfYear * 1_000), ManyReads);
    }

    /// <summary>Each of these broke a law once, by a defect of the rules or of the model.</summary>
    [Theory]
    [InlineData("caches and Go managers", 5002)]
    [InlineData("caches", 1017)]
    public void A_seed_that_once_broke_a_law_holds(string profile, int seed)
    {
        var named = FaultProfile.OfCaches.First(p => p.Name == profile);
        Hold(RunBatch.Run(seed, 1, long.MaxValue, s => new SimulationOptions(s, named) { Waived = Waived }));
    }

    [Fact]
    public void One_seed_gives_one_run()
    {
        Assert.Equal(Digest(4), Digest(4));
        Assert.NotEqual(Digest(4), Digest(5));
    }

    private static (ulong Digest, long Steps, long Hits) Digest(int seed)
    {
        (ulong, long, long) digest = default;
        RunBatch.Run(seed, 1, long.MaxValue, static s => new SimulationOptions(s, FaultProfile.OfCache(s)), run => digest = (run.Digest, run.Steps, run.Cache!.Hits));
        return digest;
    }

    private static void Hold(int firstSeed, long reads)
    {
        var watch = Stopwatch.StartNew();
        var result = RunBatch.Run(firstSeed, int.MaxValue, long.MaxValue, static s => new SimulationOptions(s, FaultProfile.OfCache(s)) { Waived = Waived }, minReads: reads);
        RunReport.Write([string.Create(CultureInfo.InvariantCulture, $"simulated caches from seed {firstSeed}, {watch.Elapsed.TotalSeconds:0.0} s:"), .. result.Describe()]);
        Hold(result);
        Assert.True(result.Cache.Reads >= reads);
        Assert.True(result.Cache.Hits > result.Cache.Reads / 3, "hardly any read found a copy");
        Assert.All(Touched, law => Assert.True(result.Judged(law) > 0, $"{law} was never put to the test"));
        Assert.All(
            new[] { FaultKind.TopologyUnseen, FaultKind.StatusUnseen, FaultKind.DataLost, FaultKind.DataRolledBack, FaultKind.DataKept, FaultKind.TopologyReshaped, FaultKind.GoManagerWrote, FaultKind.KeysEvicted, FaultKind.EnsembleDown },
            kind => Assert.True(result.Faults[kind] > 0, $"{kind} never happened"));
    }

    private static void Hold(BatchResult result) =>
        Assert.True(result.Broken is null, string.Join(Environment.NewLine, [.. result.Describe(), .. result.Broken?.Trace.TakeLast(80) ?? []]));
}
