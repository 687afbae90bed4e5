using RingKeeper.Simulator;
using Xunit;

namespace RingKeeper.Tests.Simulation;

/// <summary>The laws can fail: each way to spoil the rules breaks one of them soon, in runs that the rules as they are pass.</summary>
[Trait("Speed", "Slow")]
public sealed class MutationTests
{
    private const int FirstSeed = 1;
    private const int MostRuns = 40;

    public static TheoryData<string, string[]> Mutants => new()
    {
        { nameof(Mutations.NoFence), [nameof(Law.OnlyTheFirstWrites), nameof(Law.FlipHasMajority), nameof(Law.StampsRise)] },
        { nameof(Mutations.NoVoteVersions), [nameof(Law.FlipHasMajority)] },
        { nameof(Mutations.NoLineVersion), [nameof(Law.FlipHasMajority), nameof(Law.ManyDeathsWait)] },
        { nameof(Mutations.SmallDenominator), [nameof(Law.FlipHasMajority)] },
        { nameof(Mutations.TiesKill), [nameof(Law.FlipHasMajority)] },
        { nameof(Mutations.NoFreshness), [nameof(Law.FlipHasMajority)] },
        { nameof(Mutations.NoBrake), [nameof(Law.ManyDeathsWait), nameof(Law.ManyDeathsAreTold)] },
        { nameof(Mutations.NoAlarm), [nameof(Law.ManyDeathsAreTold)] },
        { nameof(Mutations.NoOfficeHold), [nameof(Law.OfficeHolds)] },
        { nameof(Mutations.BrakeForbids), [nameof(Law.TruthInTime)] },
        { nameof(Mutations.NoTrigger), [nameof(Law.TruthInTime)] },
        { nameof(Mutations.UnseatsWithoutPublishing), [nameof(Law.UnseatedByADecision)] },
        { nameof(Mutations.StampsGoBack), [nameof(Law.StampsRise)] },
    };

    [Theory]
    [MemberData(nameof(Mutants))]
    public void A_spoiled_rule_breaks_a_law(string mutant, string[] laws)
    {
        var mutation = Mutations.All.Single(m => m.Name == mutant);
        var result = RunBatch.Run(FirstSeed, MostRuns, long.MaxValue, seed => new SimulationOptions(seed, FaultProfile.Of(seed)) { Mutation = mutation });
        Assert.True(result.Broken is not null, $"{mutant}: {mutation.What}, and no law was broken in {result.Runs} runs");
        Assert.Contains(result.Broken.Violations[0].Law.ToString(), laws);
    }

    [Fact]
    public void Each_way_to_spoil_the_rules_is_tried() =>
        Assert.Equal(Mutations.All.Select(static m => m.Name).Order(StringComparer.Ordinal), Mutants.Select(static m => m.Data.Item1).Order(StringComparer.Ordinal));

    [Fact]
    public void The_rules_as_they_are_pass_the_same_runs()
    {
        var result = RunBatch.Run(FirstSeed, MostRuns, long.MaxValue, static seed => new SimulationOptions(seed, FaultProfile.Of(seed)));
        Assert.True(result.Broken is null, string.Join(Environment.NewLine, result.Describe()));
    }
}
