using RingKeeper.Simulator.Detectors;
using Xunit;

namespace RingKeeper.Tests.Detectors;

/// <summary>What docs/detectors.md says of the detectors, seen again on fewer traces of another seed.</summary>
public sealed class BakeOffTests
{
    private static readonly TimeSpan Never = TimeSpan.MaxValue;

    [Fact]
    public void A_crash_is_noticed_by_RingKeeper_before_any_other_has_probed_again()
    {
        foreach (var kind in SmallBakeOff.Kinds(TraceFault.Crash))
        {
            Assert.True(SmallBakeOff.RingKeeper(kind).Detection(0.99) < TimeSpan.FromSeconds(0.25), kind);
            Assert.All(SmallBakeOff.Others(kind), other => Assert.True(other.Detection(0.5) > 2 * SmallBakeOff.RingKeeper(kind).Detection(0.99), kind));
        }
    }

    [Fact]
    public void A_hang_is_never_noticed_by_Gos_rule_and_by_all_others_every_time()
    {
        foreach (var kind in SmallBakeOff.Kinds(TraceFault.Hang))
        {
            Assert.Equal(SmallBakeOff.Go(kind).Traces, SmallBakeOff.Go(kind).Missed);
            Assert.All([SmallBakeOff.Fixed(kind), SmallBakeOff.Phi(kind), SmallBakeOff.PhiOfAkka(kind), SmallBakeOff.RingKeeper(kind)], tally => Assert.Equal(0, tally.Missed));
        }
    }

    [Fact]
    public void A_hang_is_noticed_by_RingKeeper_before_the_fixed_threshold_of_the_same_patience_and_before_Akkas_phi()
    {
        foreach (var kind in SmallBakeOff.Kinds(TraceFault.Hang))
        {
            Assert.True(SmallBakeOff.RingKeeper(kind).Detection(0.5) < SmallBakeOff.Fixed(kind).Detection(0.5), kind);
            Assert.True(SmallBakeOff.Fixed(kind).Detection(0.5) < SmallBakeOff.PhiOfAkka(kind).Detection(0.5), kind);
        }
    }

    [Fact]
    public void Phi_without_a_pause_notices_a_hang_first_and_is_wrong_most_often()
    {
        var hangs = SmallBakeOff.Report.Classes.Where(static kind => kind.Fault == TraceFault.Hang && !kind.IsRecorded).Select(static kind => kind.Name).ToList();

        Assert.All(hangs, kind => Assert.True(SmallBakeOff.Phi(kind).Detection(0.5) < SmallBakeOff.RingKeeper(kind).Detection(0.5), kind));
        Assert.True(hangs.Sum(kind => SmallBakeOff.Phi(kind).FalseDeaths) > 3 * hangs.Sum(kind => SmallBakeOff.RingKeeper(kind).FalseDeaths));
    }

    [Fact]
    public void A_pause_of_the_checker_makes_RingKeeper_accuse_nobody()
    {
        Assert.Equal(0, SmallBakeOff.RingKeeper("checker pauses").FalseDeaths);
        Assert.True(SmallBakeOff.Phi("checker pauses").FalseDeaths > 0, "The pauses harm nobody: the traces show nothing.");
    }

    [Fact]
    public void Each_restart_is_noticed_by_RingKeeper_and_none_by_those_who_count_misses()
    {
        Assert.Equal(0, SmallBakeOff.RingKeeper("restart").Missed);
        Assert.All([SmallBakeOff.Go("restart"), SmallBakeOff.Fixed("restart"), SmallBakeOff.PhiOfAkka("restart")], tally => Assert.Equal(tally.Traces, tally.Missed));
    }

    [Fact]
    public void A_shorter_threshold_of_RingKeeper_notices_a_hang_earlier_and_is_wrong_more_often()
    {
        var points = SmallBakeOff.Report.Curve().Where(static point => point.Contender.Family == Contender.RingKeeper).ToList();

        Assert.Equal(points.OrderBy(static point => point.Hang ?? Never), points);
        Assert.Equal(points.OrderByDescending(static point => point.FalseDeathsPerDay), points);
        Assert.True(points[0].FalseDeathsPerDay > points[^1].FalseDeathsPerDay);
    }

    [Fact]
    public void A_machine_that_is_only_busy_makes_nobody_wrong()
    {
        foreach (var kind in new[] { "LAN", "recorded idle", "recorded busy" })
        {
            Assert.All([.. SmallBakeOff.Others(kind), SmallBakeOff.RingKeeper(kind)], tally => Assert.Equal(0, tally.FalseDeaths));
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_report()
    {
        Contender[] few = [.. Contender.All.Where(static contender => contender.IsDefault)];

        var (one, again, other) = (Text(1), Text(1), Text(2));

        Assert.Equal(one, again);
        Assert.NotEqual(one, other);

        string Text(int seed) => BakeOffTable.Write(BakeOff.Run(seed, 2, few, []));
    }
}
