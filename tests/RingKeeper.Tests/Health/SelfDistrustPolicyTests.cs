using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Health;

public sealed class SelfDistrustPolicyTests
{
    private static readonly TimeSpan Threshold = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(100, 50, 100, 500)]
    [InlineData(1000, 100, 100, 500)]
    [InlineData(2000, 200, 100, 1000)]
    [InlineData(10_000, 250, 500, 5000)]
    public void Limits_grow_with_the_threshold_above_floors(int threshold, int period, int least, int limit)
    {
        var policy = new SelfDistrustPolicy(Milliseconds(threshold), TimeSpan.Zero);

        Assert.Equal((Milliseconds(period), Milliseconds(least), Milliseconds(limit)), (policy.Period, policy.Least, policy.Limit));
    }

    [Fact]
    public void The_jitter_of_a_busy_machine_is_nothing() =>
        Gen.Int[0, 99].Array[1, 200].Sample(lates =>
        {
            var (policy, now) = (new SelfDistrustPolicy(Threshold, TimeSpan.Zero), TimeSpan.Zero);
            foreach (var late in lates)
            {
                now += policy.Period + Milliseconds(late);
                Assert.Equal(default, policy.OnBeat(now, new SelfReading(Milliseconds(late), Milliseconds(late))));
            }
        });

    [Fact]
    public void A_short_stall_is_lost_time_and_no_pause()
    {
        var policy = new SelfDistrustPolicy(Threshold, TimeSpan.Zero);

        Assert.Equal(new Attention(Milliseconds(400), TimeSpan.Zero, null), policy.OnBeat(Milliseconds(600), default));
        Assert.Equal(Milliseconds(400), policy.OnBeat(Milliseconds(800), default).Lost);
    }

    [Fact]
    public void A_pause_is_seen_by_the_beat_after_it()
    {
        var policy = new SelfDistrustPolicy(Threshold, TimeSpan.Zero);

        var attention = policy.OnBeat(Milliseconds(5200), default);

        Assert.Equal((Milliseconds(5000), Milliseconds(5200)), (attention.Lost, attention.PausedUntil));
        Assert.Contains("5.0 s", attention.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pause_is_seen_by_whoever_looks_before_the_beat_and_counts_once()
    {
        var policy = new SelfDistrustPolicy(Threshold, TimeSpan.Zero);

        var looked = policy.Look(Milliseconds(5200));
        var beaten = policy.OnBeat(Milliseconds(5201), default);

        Assert.Equal((Milliseconds(5000), Milliseconds(5200)), (looked.Lost, looked.PausedUntil));
        Assert.Equal(looked, beaten);
    }

    [Fact]
    public void A_look_in_time_changes_nothing()
    {
        var policy = new SelfDistrustPolicy(Threshold, TimeSpan.Zero);

        Assert.Equal(default, policy.Look(Milliseconds(299)));
        Assert.Equal(Milliseconds(100), policy.OnBeat(Milliseconds(300), default).Lost);
    }

    [Theory]
    [InlineData(1200, 0, "garbage collector")]
    [InlineData(0, 1200, "pool")]
    public void A_pause_that_only_a_sensor_saw_counts_too(int gcPause, int poolDelay, string named)
    {
        var policy = new SelfDistrustPolicy(Threshold, TimeSpan.Zero);

        var attention = policy.OnBeat(Milliseconds(100), new SelfReading(Milliseconds(gcPause), Milliseconds(poolDelay)));

        Assert.Equal(Milliseconds(100), attention.PausedUntil);
        Assert.Contains(named, attention.Reason, StringComparison.Ordinal);

        // What was lost cannot be more than the time that passed.
        Assert.Equal(Milliseconds(100), attention.Lost);
    }

    [Fact]
    public void What_is_lost_is_never_more_than_what_passed_and_never_taken_back() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 3000], Gen.Int[0, 3000], Gen.Int[0, 3000]).Array[1, 80].Sample(steps =>
        {
            var (policy, now, before) = (new SelfDistrustPolicy(Threshold, TimeSpan.Zero), TimeSpan.Zero, default(Attention));
            foreach (var (isBeat, wait, gc, pool) in steps)
            {
                now += Milliseconds(wait);
                var after = isBeat ? policy.OnBeat(now, new SelfReading(Milliseconds(gc), Milliseconds(pool))) : policy.Look(now);
                Assert.InRange(after.Lost, before.Lost, now);
                Assert.InRange(after.PausedUntil, before.PausedUntil, now);
                Assert.Equal(after.PausedUntil > TimeSpan.Zero || after.Reason is not null, after.Reason is not null);
                before = after;
            }
        });

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);
}
