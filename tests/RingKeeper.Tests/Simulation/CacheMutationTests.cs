using RingKeeper.Simulator;
using Xunit;

namespace RingKeeper.Tests.Simulation;

/// <summary>The laws of caches can fail: each way to spoil the rules of copies breaks one of them soon, in runs that the rules as they are pass.</summary>
[Trait("Speed", "Slow")]
public sealed class CacheMutationTests
{
    private const int FirstSeed = 1;

    // A write and its eviction must fall into the moment between two commands of a fill.
    private const int RareSeed = 41;
    private const int MostRuns = 40;

    // What a mutant of the count breaks besides, though it is the copies that this is about.
    private static readonly Law[] Waived = [Law.StampsRise, Law.EpochsRise, Law.DecisionIsRecorded, Law.LeaderStays, Law.FlipHasMajority, Law.SwapOfNoneMeetsAMiss];
    private static readonly string[] Fresh = [nameof(Law.ReadsAreFresh), nameof(Law.NoneReturns), nameof(Law.SwapIsOfAFreshCopy)];

    public static TheoryData<string, string[]> Mutants => new()
    {
        { nameof(CacheMutations.OwnSinceOnly), Fresh },
        { nameof(CacheMutations.NoTopologyPart), Fresh },
        { nameof(CacheMutations.NamesInsteadOfAddresses), Fresh },
        { nameof(CacheMutations.TimesThatBegan), Fresh },
        { nameof(CacheMutations.SinceMayGoBack), Fresh },
        { nameof(CacheMutations.ByWallClock), Fresh },
        { nameof(CacheMutations.StaleWriterPasses), [nameof(Law.LaterEpochStays)] },
        { nameof(CacheMutations.MissingCopyPasses), [nameof(Law.SwapMeetsItsCopy)] },
        { nameof(CacheMutations.RunIgnored), Fresh },
        { nameof(CacheMutations.PrunesTheLargest), [nameof(Law.StampsRise)] },
        { nameof(CacheMutations.GoClockInEpochs), Fresh },
        { nameof(CacheMutations.WritesWithoutMark), [nameof(Law.FillsAreFresh), .. Fresh] },
        { nameof(CacheMutations.FillsWithoutIntent), [nameof(Law.FillsAreFresh), .. Fresh] },
    };

    [Theory]
    [MemberData(nameof(Mutants))]
    public void A_spoiled_rule_of_copies_breaks_a_law(string mutant, string[] laws)
    {
        var mutation = CacheMutations.All.Single(m => m.Name == mutant);
        var result = Run(mutation);
        Assert.True(result.Broken is not null, $"{mutant}: {mutation.What}, and no law was broken in {result.Runs} runs");
        Assert.Contains(result.Broken.Violations[0].Law.ToString(), laws);
    }

    [Fact]
    public void Each_way_to_spoil_the_rules_of_copies_is_tried() =>
        Assert.Equal(CacheMutations.All.Select(static m => m.Name).Order(StringComparer.Ordinal), Mutants.Select(static m => m.Data.Item1).Order(StringComparer.Ordinal));

    [Fact]
    public void The_rules_of_copies_as_they_are_pass_the_same_runs()
    {
        var result = Run(null);
        Assert.True(result.Broken is null, string.Join(Environment.NewLine, result.Describe()));
    }

    private static BatchResult Run(Mutation? mutation) =>
        RunBatch.Run(mutation == CacheMutations.FillsWithoutIntent ? RareSeed : FirstSeed, MostRuns, long.MaxValue, seed => new SimulationOptions(seed, mutation == CacheMutations.GoClockInEpochs ? FaultProfile.CachesAndGoManagers : FaultProfile.OfCache(seed)) { Mutation = mutation, Waived = mutation is null ? [Law.LeaderStays] : mutation == CacheMutations.PrunesTheLargest ? [.. Waived.Except([Law.StampsRise])] : Waived });
}
