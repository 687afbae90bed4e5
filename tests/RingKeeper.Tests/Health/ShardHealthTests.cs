using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Health;

public sealed class ShardHealthTests
{
    private static readonly TimeSpan Threshold = TimeSpan.FromSeconds(2);

    public static TheoryData<ProbeOutcome> SlowFailures => [ProbeOutcome.TimedOut, ProbeOutcome.Unwritable, ProbeOutcome.Garbage, ProbeOutcome.Failed, ProbeOutcome.Closed];

    [Theory]
    [InlineData(ProbeOutcome.Alive)]
    [InlineData(ProbeOutcome.Busy)]
    public void The_first_good_answer_is_a_verdict(ProbeOutcome outcome)
    {
        var health = new ShardHealth(Threshold, At(0));

        Assert.True(health.OnResult(outcome, At(0.1)));
        Assert.Equal(ShardVerdict.Alive, health.Verdict);
        Assert.False(health.OnResult(outcome, At(1.1)));
    }

    [Theory]
    [MemberData(nameof(SlowFailures))]
    public void A_failed_probe_kills_only_when_the_threshold_has_passed_since_the_last_good_answer(ProbeOutcome outcome)
    {
        var health = Alive(at: 5);

        Assert.False(health.OnResult(outcome, At(6)));
        Assert.Equal(At(7), health.DeathDue);
        Assert.False(health.OnTime(At(6.999)));
        Assert.True(health.OnTime(At(7)));
        Assert.Equal(ShardVerdict.Dead, health.Verdict);
        Assert.Null(health.DeathDue);
    }

    [Theory]
    [MemberData(nameof(SlowFailures))]
    public void A_first_probe_that_fails_takes_the_full_threshold_too(ProbeOutcome outcome)
    {
        var health = new ShardHealth(Threshold, At(3));

        Assert.False(health.OnResult(outcome, At(3.1)));
        Assert.Equal(ShardVerdict.None, health.Verdict);
        Assert.False(health.OnResult(outcome, At(4.9)));
        Assert.True(health.OnResult(outcome, At(5)));
    }

    [Fact]
    public void Time_alone_kills_nobody()
    {
        var health = Alive(at: 0);

        Assert.False(health.OnTime(At(100)));
        Assert.Null(health.DeathDue);
    }

    [Theory]
    [InlineData(ProbeOutcome.Refused, ProbeOutcome.Refused)]
    [InlineData(ProbeOutcome.Unready, ProbeOutcome.Unready)]
    [InlineData(ProbeOutcome.Refused, ProbeOutcome.Unready)]
    public void Two_refusals_or_words_of_not_being_ready_50_ms_apart_are_proof(ProbeOutcome first, ProbeOutcome second)
    {
        var health = Alive(at: 0);

        Assert.False(health.OnResult(first, At(1)));
        Assert.Equal(NextProbe.AfterRefusal, health.Next);
        Assert.True(health.OnResult(second, At(1.05)));
        Assert.Equal((ShardVerdict.Dead, NextProbe.WhileDead), (health.Verdict, health.Next));
    }

    [Fact]
    public void Two_refusals_closer_together_are_not_and_the_next_one_is()
    {
        var health = Alive(at: 0);
        health.OnResult(ProbeOutcome.Refused, At(1));

        Assert.False(health.OnResult(ProbeOutcome.Refused, At(1.02)));
        Assert.Equal(NextProbe.AfterRefusal, health.Next);
        Assert.True(health.OnResult(ProbeOutcome.Refused, At(1.07)));
    }

    [Fact]
    public void A_refusal_between_other_failures_is_no_proof()
    {
        var health = Alive(at: 0);
        health.OnResult(ProbeOutcome.Refused, At(1));
        health.OnResult(ProbeOutcome.TimedOut, At(1.2));

        Assert.False(health.OnResult(ProbeOutcome.Refused, At(1.4)));
    }

    [Fact]
    public void A_closed_connection_is_probed_again_at_once_but_only_the_first_time()
    {
        var health = Alive(at: 0);

        health.OnResult(ProbeOutcome.Closed, At(1));
        Assert.Equal(NextProbe.AtOnce, health.Next);
        health.OnResult(ProbeOutcome.Closed, At(1));
        Assert.Equal(NextProbe.AfterInterval, health.Next);
        health.OnResult(ProbeOutcome.Alive, At(1.5));
        health.OnResult(ProbeOutcome.Closed, At(2));
        Assert.Equal(NextProbe.AtOnce, health.Next);
    }

    [Fact]
    public void A_probe_without_an_answer_is_repeated_at_once_but_only_the_first_time()
    {
        var health = Alive(at: 0);

        health.OnResult(ProbeOutcome.TimedOut, At(1));
        Assert.Equal(NextProbe.AtOnce, health.Next);
        health.OnResult(ProbeOutcome.TimedOut, At(1.3));
        Assert.Equal(NextProbe.AfterInterval, health.Next);
    }

    [Fact]
    public void A_shard_known_to_refuse_or_load_is_asked_often_and_one_that_hangs_is_not()
    {
        var health = Alive(at: 0);
        health.OnResult(ProbeOutcome.TimedOut, At(1));
        health.OnTime(At(2));
        Assert.Equal((ShardVerdict.Dead, NextProbe.AfterInterval), (health.Verdict, health.Next));

        health.OnResult(ProbeOutcome.Refused, At(3));
        Assert.Equal(NextProbe.WhileDead, health.Next);
        health.OnResult(ProbeOutcome.Unready, At(3.1));
        Assert.Equal(NextProbe.WhileDead, health.Next);
        health.OnResult(ProbeOutcome.Alive, At(3.2));
        Assert.NotEqual(NextProbe.WhileDead, health.Next);
    }

    [Fact]
    public void The_deadline_of_a_probe_follows_the_round_trips_until_one_fails()
    {
        var health = new ShardHealth(Threshold, At(0));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(At(1), health.ProbeTimeout(At(i), At(1)));
            health.OnResult(ProbeOutcome.Alive, At(i), rtt: TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(At(0.25), health.ProbeTimeout(At(4), At(1)));
        Assert.Equal(At(1), health.ProbeTimeout(At(4), At(1), adapts: false));
        health.OnResult(ProbeOutcome.TimedOut, At(4));
        Assert.Equal(At(1), health.ProbeTimeout(At(4), At(1)));
    }

    [Fact]
    public void A_restart_between_two_probes_is_no_death()
    {
        var health = Alive(at: 0);
        health.OnResult(ProbeOutcome.Closed, At(1));
        health.OnResult(ProbeOutcome.Refused, At(1));

        Assert.False(health.OnResult(ProbeOutcome.Alive, At(1.05)));
        Assert.Equal(ShardVerdict.Alive, health.Verdict);
    }

    [Fact]
    public void A_dead_shard_returns_when_its_penalty_is_paid()
    {
        var health = new ShardHealth(Threshold, At(0));
        health.OnResult(ProbeOutcome.Refused, At(0));
        health.OnResult(ProbeOutcome.Refused, At(0.05));
        Assert.Equal((ShardVerdict.Dead, 2), (health.Verdict, health.AnswersToReturn));

        Assert.False(health.OnResult(ProbeOutcome.Alive, At(1)));
        Assert.False(health.OnResult(ProbeOutcome.TimedOut, At(9)));
        Assert.True(health.OnResult(ProbeOutcome.Alive, At(10)));
    }

    [Fact]
    public void A_misconfigured_checker_abstains_until_the_shard_takes_it_again()
    {
        var health = Alive(at: 0);

        Assert.True(health.OnResult(ProbeOutcome.Misconfigured, At(1)));
        Assert.False(health.OnResult(ProbeOutcome.Misconfigured, At(50)));
        Assert.Equal(ShardVerdict.Abstaining, health.Verdict);
        Assert.False(health.OnTime(At(60)));
        Assert.True(health.OnResult(ProbeOutcome.Alive, At(61)));
        Assert.Equal(ShardVerdict.Alive, health.Verdict);
    }

    [Fact]
    public void A_failure_after_abstaining_takes_the_full_threshold()
    {
        var health = Alive(at: 0);
        health.OnResult(ProbeOutcome.Misconfigured, At(1));

        health.OnResult(ProbeOutcome.TimedOut, At(10));

        Assert.Equal((ShardVerdict.None, At(12)), (health.Verdict, health.DeathDue));
    }

    [Theory]
    [InlineData(0.5, 1.0)]
    [InlineData(1.5, 0.5)]
    [InlineData(1.9, 0.2)]
    [InlineData(5.0, 0.2)]
    public void A_probe_is_cut_short_where_the_verdict_is_due_yet_has_time_to_answer(double at, double expected) =>
        Assert.Equal(At(expected), Alive(at: 0).ProbeTimeout(At(at), At(1)));

    [Fact]
    public void The_verdict_follows_its_rules_over_any_sequence() =>
        Gen.Select(Gen.Enum<ProbeOutcome>(), Gen.Int[1, 1500]).Array[1, 60].Sample(steps =>
        {
            var health = new ShardHealth(Threshold, At(0));
            var now = TimeSpan.Zero;
            var lastGood = TimeSpan.Zero;
            foreach (var (outcome, wait) in steps)
            {
                now += TimeSpan.FromMilliseconds(wait);
                var before = health.Verdict;
                var changed = health.OnResult(outcome, now);
                Assert.Equal(outcome == ProbeOutcome.Misconfigured, health.Verdict == ShardVerdict.Abstaining);
                Assert.True(changed || before == health.Verdict);
                if (outcome is ProbeOutcome.Alive or ProbeOutcome.Busy || before == ShardVerdict.Abstaining)
                {
                    lastGood = now;
                }

                Assert.False(health.Verdict is ShardVerdict.Alive or ShardVerdict.None && outcome is not (ProbeOutcome.Alive or ProbeOutcome.Busy) && now - lastGood >= Threshold);
                Assert.True(health.DeathDue is null || health.DeathDue > now);
            }
        });

    private static ShardHealth Alive(double at)
    {
        var health = new ShardHealth(Threshold, At(at));
        Assert.True(health.OnResult(ProbeOutcome.Alive, At(at)));
        return health;
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromMilliseconds(Math.Round(seconds * 1000));
}
