using RingKeeper.Simulator;
using Xunit;

namespace RingKeeper.Tests.Simulation;

/// <summary>The laws of caches can fail: each way to spoil the rules of copies breaks one of them soon, in runs that the rules as they are pass.</summary>
[Trait("Speed", "Slow")]
public sealed class CacheMutationTests
{
    // A change of the rules or of the model gives each seed another run; so far a mutant may be looked for.
    private const int MostRuns = 40;

    // What a mutant of the count breaks besides, though it is the copies that this is about.
    private static readonly Law[] Waived = [Law.StampsRise, Law.EpochsRise, Law.DecisionIsRecorded, Law.LeaderStays, Law.FlipHasMajority, Law.SwapOfNoneMeetsAMiss];
    private static readonly string[] Fresh = [nameof(Law.ReadsAreFresh), nameof(Law.NoneReturns), nameof(Law.SwapIsOfAFreshCopy)];

    /// <summary>Each mutant, the seed from which it is found out soon, and the laws that it breaks.</summary>
    public static TheoryData<string, int, string[]> Mutants => new()
    {
        { nameof(CacheMutations.OwnSinceOnly), 2, Fresh },
        { nameof(CacheMutations.NoTopologyPart), 2, Fresh },
        { nameof(CacheMutations.NamesInsteadOfAddresses), 3, Fresh },
        { nameof(CacheMutations.TimesThatBegan), 30, Fresh },
        { nameof(CacheMutations.SinceMayGoBack), 1, Fresh },
        { nameof(CacheMutations.ByWallClock), 2, Fresh },
        { nameof(CacheMutations.StaleWriterPasses), 1, [nameof(Law.LaterEpochStays)] },
        { nameof(CacheMutations.MissingCopyPasses), 2, [nameof(Law.SwapMeetsItsCopy)] },
        { nameof(CacheMutations.RunIgnored), 1, Fresh },
        { nameof(CacheMutations.PrunesTheLargest), 1, [nameof(Law.StampsRise)] },
        { nameof(CacheMutations.GoClockInEpochs), 4, Fresh },
        { nameof(CacheMutations.WritesWithoutMark), 2, [nameof(Law.FillsAreFresh), .. Fresh] },

        // A write and its eviction must fall into the moment between two commands of a fill.
        { nameof(CacheMutations.FillsWithoutIntent), 7, [nameof(Law.FillsAreFresh), .. Fresh] },
    };

    [Theory]
    [MemberData(nameof(Mutants))]
    public void A_spoiled_rule_of_copies_breaks_a_law(string mutant, int firstSeed, string[] laws)
    {
        var mutation = CacheMutations.All.Single(m => m.Name == mutant);
        var result = RunBatch.Run(firstSeed, MostRuns, long.MaxValue, seed => new SimulationOptions(seed, ProfileOf(mutation, seed)) { Mutation = mutation, Waived = [.. Waived.Where(l => !laws.Contains(l.ToString()))] });
        Assert.True(result.Broken is not null, $"{mutant}: {mutation.What}, and no law was broken in {result.Runs} runs");
        Assert.Contains(result.Broken.Violations[0].Law.ToString(), laws);
    }

    [Fact]
    public void Each_way_to_spoil_the_rules_of_copies_is_tried() =>
        Assert.Equal(CacheMutations.All.Select(static m => m.Name).Order(StringComparer.Ordinal), Mutants.Select(static m => m.Data.Item1).Order(StringComparer.Ordinal));

    [Fact]
    public void The_rules_of_copies_as_they_are_pass_the_same_runs()
    {
        var runs = Mutants.Select(static m => (Mutation: CacheMutations.All.Single(c => c.Name == m.Data.Item1), Seed: m.Data.Item2)).Select(static m => (m.Seed, Profile: ProfileOf(m.Mutation, m.Seed))).Distinct().ToList();
        var result = RunBatch.Run(0, runs.Count, long.MaxValue, i => new SimulationOptions(runs[i].Seed, runs[i].Profile) { Waived = [Law.LeaderStays] });
        Assert.True(result.Broken is null, string.Join(Environment.NewLine, result.Describe()));
    }

    // A copy that a failover left behind between two changes of the topology is all that times that began let through; and a fill needs no intent but for evictions.
    private static FaultProfile ProfileOf(Mutation mutation, int seed) => mutation.Name switch
    {
        nameof(CacheMutations.GoClockInEpochs) => FaultProfile.CachesAndGoManagers,
        nameof(CacheMutations.TimesThatBegan) => FaultProfile.CachesThatFailOver,
        nameof(CacheMutations.FillsWithoutIntent) => FaultProfile.CachesThatFill,
        _ => FaultProfile.OfCache(seed),
    };
}
