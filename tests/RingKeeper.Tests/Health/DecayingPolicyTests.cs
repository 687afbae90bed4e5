using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Health;

public sealed class DecayingPolicyTests
{
    [Fact]
    public void The_penalty_halves_every_five_minutes()
    {
        var policy = new DecayingPolicy();
        policy.OnDeath(Minutes(1));

        Assert.Equal(1000, policy.Penalty(Minutes(1)), 6);
        Assert.Equal(500, policy.Penalty(Minutes(6)), 6);
        Assert.Equal(250, policy.Penalty(Minutes(11)), 6);
    }

    [Fact]
    public void Two_deaths_hold_nobody_and_a_third_soon_after_does()
    {
        var policy = new DecayingPolicy();
        policy.OnDeath(Minutes(0));
        policy.OnDeath(Minutes(0.1));
        Assert.Null(policy.HeldUntil(Minutes(0.1)));

        policy.OnDeath(Minutes(0.2));

        // From 2959 to 800: 5 min · log2(2959/800).
        Assert.Equal(0.2 + (5 * Math.Log2(policy.Penalty(Minutes(0.2)) / 800)), policy.HeldUntil(Minutes(0.2))!.Value.TotalMinutes, 6);
        Assert.InRange(policy.HeldUntil(Minutes(0.2))!.Value, Minutes(9), Minutes(10));
    }

    [Fact]
    public void The_hold_ends_when_the_penalty_has_fallen_below_reuse()
    {
        var policy = new DecayingPolicy();
        for (var i = 0; i < 3; i++)
        {
            policy.OnDeath(Minutes(0));
        }

        var until = policy.HeldUntil(Minutes(0))!.Value;
        Assert.Equal(until, policy.HeldUntil(until - TimeSpan.FromTicks(1)));
        Assert.Null(policy.HeldUntil(until));
        Assert.Equal(800, policy.Penalty(until), 1);
    }

    [Fact]
    public void A_death_every_ten_minutes_is_never_held()
    {
        var policy = new DecayingPolicy();
        for (var i = 0; i < 100; i++)
        {
            policy.OnDeath(Minutes(10 * i));
            Assert.Null(policy.HeldUntil(Minutes(10 * i)));
        }
    }

    [Fact]
    public void No_sequence_holds_longer_than_twenty_minutes_or_without_end() =>
        Gen.Int[0, 600_000].Array[1, 60].Sample(waits =>
        {
            var policy = new DecayingPolicy();
            var now = TimeSpan.Zero;
            foreach (var wait in waits)
            {
                now += TimeSpan.FromMilliseconds(wait);
                var before = policy.Penalty(now);
                policy.OnDeath(now);
                Assert.True(policy.Penalty(now) > before || policy.Penalty(now) > 12_000);
                Assert.InRange((policy.HeldUntil(now) ?? now) - now, TimeSpan.Zero, DecayingPolicy.LongestHold + TimeSpan.FromTicks(1));
                Assert.Equal(policy.Penalty(now) > DecayingPolicy.SuppressAbove, policy.HeldUntil(now) is not null && policy.Penalty(now) > DecayingPolicy.SuppressAbove);
            }
        });

    private static TimeSpan Minutes(double count) => TimeSpan.FromMinutes(count);
}
