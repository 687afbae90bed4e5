using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Health;

/// <summary>What a pause of this process does to the verdict on a shard.</summary>
public sealed class SelfDistrustTests
{
    private static readonly TimeSpan Threshold = TimeSpan.FromSeconds(2);

    [Fact]
    public void Silence_during_a_pause_kills_nobody_whichever_timer_fires_first()
    {
        foreach (var first in new[] { "death timer", "probe's deadline", "beat" })
        {
            // A probe was under way when the process stopped at 1 s; it goes on at 6 s.
            var (health, policy) = (Alive(at: 0), new SelfDistrustPolicy(Threshold, At(0)));
            health.OnResult(ProbeOutcome.TimedOut, At(0.9), At(0.6), self: Beat(policy, 0.9));
            switch (first)
            {
                case "beat":
                    health.OnTime(At(6), policy.OnBeat(At(6), default));
                    break;
                case "death timer":
                    health.OnTime(At(6), policy.Look(At(6)));
                    break;
                default:
                    health.OnResult(ProbeOutcome.TimedOut, At(6), At(0.95), self: policy.Look(At(6)));
                    break;
            }

            health.OnTime(At(6.001), policy.Look(At(6.001)));
            health.OnResult(ProbeOutcome.TimedOut, At(6.002), At(0.95), self: policy.OnBeat(At(6.002), default));
            Assert.Equal((ShardVerdict.Abstaining, true, ShardVerdict.Alive), (health.Verdict, health.IsDistrusting, health.Standing));
            Assert.Equal((NextProbe.AtOnce, At(8)), (health.Next, health.DistrustsUntil));

            Assert.True(health.OnResult(ProbeOutcome.Alive, At(6.01), At(6.005), self: policy.Look(At(6.01))));
            Assert.Equal((ShardVerdict.Alive, null), (health.Verdict, health.DistrustsUntil));
        }
    }

    [Fact]
    public void An_answer_or_refusals_from_before_the_end_of_a_pause_prove_nothing()
    {
        var health = Paused(until: 6);

        health.OnResult(ProbeOutcome.Alive, At(6.001), At(0.9));
        Assert.Equal((ShardVerdict.Abstaining, NextProbe.AtOnce), (health.Verdict, health.Next));
        health.OnResult(ProbeOutcome.Refused, At(6.002), At(0.9));
        health.OnResult(ProbeOutcome.Refused, At(6.1), At(5.999));
        Assert.Equal(ShardVerdict.Abstaining, health.Verdict);
    }

    [Fact]
    public void Refusals_after_a_pause_are_proof_at_once()
    {
        var health = Paused(until: 6);

        health.OnResult(ProbeOutcome.Refused, At(6.01), At(6));
        Assert.Equal((ShardVerdict.Abstaining, NextProbe.AfterRefusal), (health.Verdict, health.Next));
        Assert.True(health.OnResult(ProbeOutcome.Refused, At(6.06), At(6.06)));
        Assert.Equal(ShardVerdict.Dead, health.Verdict);
    }

    [Fact]
    public void A_shard_that_hangs_after_a_pause_is_dead_one_threshold_after_it()
    {
        var health = Paused(until: 6);

        health.OnResult(ProbeOutcome.TimedOut, At(6.3), At(6));
        Assert.Equal(At(8), health.Due);
        Assert.False(health.OnTime(At(7.999)));
        Assert.True(health.OnTime(At(8)));
        Assert.Equal(ShardVerdict.Dead, health.Verdict);
    }

    [Fact]
    public void A_dead_shard_comes_back_dead_without_another_penalty()
    {
        var health = new ShardHealth(Threshold, At(0));
        health.OnResult(ProbeOutcome.Refused, At(0.1), At(0.1));
        health.OnResult(ProbeOutcome.Refused, At(0.2), At(0.2));
        var answers = health.AnswersToReturn;
        Assert.True(health.OnTime(At(6), new Attention(At(5), At(6), "pause")));
        Assert.Equal((ShardVerdict.Abstaining, ShardVerdict.Dead), (health.Verdict, health.Standing));

        health.OnResult(ProbeOutcome.TimedOut, At(6.5), At(6));
        Assert.True(health.OnTime(At(8)));

        Assert.Equal((ShardVerdict.Dead, answers), (health.Verdict, health.AnswersToReturn));
    }

    [Fact]
    public void A_short_stall_moves_what_is_due_by_its_length()
    {
        var health = Alive(at: 0);
        health.OnResult(ProbeOutcome.TimedOut, At(1.2), At(1));
        Assert.Equal(At(2), health.DeathDue);

        Assert.False(health.OnTime(At(2), new Attention(At(0.4), default, null)));

        Assert.Equal((ShardVerdict.Alive, At(2.4)), (health.Verdict, health.DeathDue));
        Assert.True(health.OnTime(At(2.4), new Attention(At(0.4), default, null)));
    }

    [Fact]
    public void A_misconfigured_shard_stays_so_over_a_pause()
    {
        var health = Alive(at: 0);
        health.OnResult(ProbeOutcome.Misconfigured, At(1));

        Assert.False(health.OnTime(At(6), new Attention(At(5), At(6), "pause")));
        Assert.Equal((ShardVerdict.Abstaining, false), (health.Verdict, health.IsDistrusting));
    }

    [Fact]
    public void Whatever_the_pauses_a_shard_that_always_answers_is_never_dead_and_one_that_never_does_is_dead_in_the_end() =>
        Gen.Select(Gen.Bool, Gen.Select(Gen.Int[1, 400], Gen.Frequency((8, Gen.Const(0)), (1, Gen.Int[1, 900]), (1, Gen.Int[900, 9000])), Gen.Int[0, 2]).Array[5, 80]).Sample((answers, steps) =>
        {
            var (health, policy) = (Alive(at: 0), new SelfDistrustPolicy(Threshold, At(0)));
            var (now, beat) = (At(0), At(0));
            foreach (var (run, pause, order) in steps)
            {
                // A probe starts, the process runs for a while and may stop; then what is due happens in any order.
                var start = now;
                for (now += At(run / 1000.0); beat + policy.Period <= now;)
                {
                    beat += policy.Period;
                    policy.OnBeat(beat, default);
                }

                now += At(pause / 1000.0);
                if (order == 0)
                {
                    Beat();
                    health.OnTime(now, policy.Look(now));
                }
                else if (order == 1)
                {
                    health.OnTime(now, policy.Look(now));
                    Beat();
                }

                // The answer was there, but the deadline may have fired first.
                var answered = answers && pause == 0;
                health.OnResult(answered ? ProbeOutcome.Alive : answers && now - start < At(0.25) ? ProbeOutcome.Alive : ProbeOutcome.TimedOut, now, start, self: policy.Look(now));
                if (answers && health.Next == NextProbe.AtOnce)
                {
                    health.OnResult(ProbeOutcome.Alive, now, now, self: policy.Look(now));
                }

                Assert.False(answers && health.Verdict == ShardVerdict.Dead);
            }

            // Once it runs on undisturbed, no abstention outlives the threshold.
            var calm = now + Threshold + At(0.3);
            while (now < calm)
            {
                var start = now;
                now += At(0.1);
                policy.OnBeat(now, default);
                health.OnResult(answers ? ProbeOutcome.Alive : ProbeOutcome.TimedOut, now, start, self: policy.Look(now));
            }

            Assert.Equal(answers ? ShardVerdict.Alive : ShardVerdict.Dead, health.Verdict);

            void Beat()
            {
                beat = now;
                policy.OnBeat(now, default);
            }
        });

    private static Attention Beat(SelfDistrustPolicy policy, double at)
    {
        var attention = default(Attention);
        for (var now = policy.Period; now <= At(at); now += policy.Period)
        {
            attention = policy.OnBeat(now, default);
        }

        return attention;
    }

    private static ShardHealth Paused(double until)
    {
        var health = Alive(at: 0);
        Assert.True(health.OnTime(At(until), new Attention(At(5), At(until), "pause")));
        Assert.Equal(ShardVerdict.Abstaining, health.Verdict);
        return health;
    }

    private static ShardHealth Alive(double at)
    {
        var health = new ShardHealth(Threshold, At(at));
        Assert.True(health.OnResult(ProbeOutcome.Alive, At(at)));
        return health;
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromMilliseconds(Math.Round(seconds * 1000));
}
