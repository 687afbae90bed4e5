using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public sealed class ViewConfirmationTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<ViewTrust> _told = [];

    [Fact]
    public void A_confirmed_view_has_no_age()
    {
        using var confirmation = Confirmed(StaleViewPolicy.ServeOn);
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(TimeSpan.Zero, confirmation.Age);
        Assert.True(confirmation.IsConfirmed);
    }

    [Fact]
    public void The_age_counts_from_the_last_moment_of_confirmation_and_ends_with_the_next()
    {
        using var confirmation = Confirmed(StaleViewPolicy.ServeOn);
        var heard = _clock.GetTimestamp();
        _clock.Advance(5 * Second);
        confirmation.Doubt(heard);
        Assert.Equal(5 * Second, confirmation.Age);

        // A later doubt makes it no younger.
        confirmation.Doubt(_clock.GetTimestamp());
        _clock.Advance(2 * Second);
        Assert.Equal(7 * Second, confirmation.Age);

        Assert.True(confirmation.End(confirmation.BeginCheck()));
        Assert.Equal(TimeSpan.Zero, confirmation.Age);
    }

    [Fact]
    public void A_check_that_a_doubt_overtook_confirms_nothing()
    {
        using var confirmation = Confirmed(StaleViewPolicy.ServeOn);
        var check = confirmation.BeginCheck();
        confirmation.Doubt(_clock.GetTimestamp());
        _clock.Advance(Second);

        Assert.False(confirmation.End(check));
        Assert.Equal(Second, confirmation.Age);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_client_whose_first_check_was_overtaken_grows_stale_all_the_same(bool isUnbroken)
    {
        using var confirmation = New(StaleViewPolicy.Refuse);
        _clock.Advance(TimeSpan.FromHours(1));
        var check = confirmation.BeginCheck();
        if (isUnbroken)
        {
            confirmation.Doubt(_clock.GetTimestamp());
        }

        _clock.Advance(Second);
        Assert.False(confirmation.End(check, isUnbroken));

        // The view is as old as the check, not as the client.
        Assert.Equal(Second, confirmation.Age);
        confirmation.Doubt(0);
        _clock.Advance(9 * Second);
        Assert.Equal(ViewTrust.Refused, _told[^1]);
    }

    [Fact]
    public void Changes_that_overtake_every_check_do_not_make_a_view_stale_that_keeps_up_with_them()
    {
        using var confirmation = Confirmed(StaleViewPolicy.Refuse);
        for (var i = 0; i < 100; i++)
        {
            confirmation.Doubt(_clock.GetTimestamp());
            var check = confirmation.BeginCheck();
            confirmation.Doubt(_clock.GetTimestamp());
            _clock.Advance(Second);
            Assert.False(confirmation.End(check));
        }

        Assert.Equal(Second, confirmation.Age);
        Assert.DoesNotContain(ViewTrust.Refused, _told);
    }

    [Fact]
    public void A_check_that_was_overtaken_does_not_prove_what_came_from_a_snapshot()
    {
        using var confirmation = New(StaleViewPolicy.ServeOn);
        confirmation.StartUnconfirmed(TimeSpan.FromHours(1));
        var check = confirmation.BeginCheck();
        confirmation.Doubt(_clock.GetTimestamp());

        Assert.False(confirmation.End(check));
        Assert.Equal((TimeSpan.FromHours(1), ViewTrust.ReadsAreMisses), (confirmation.Age, _told[^1]));
    }

    [Theory]
    [InlineData(StaleViewPolicy.ServeOn, ViewTrust.Full)]
    [InlineData(StaleViewPolicy.MissReads, ViewTrust.ReadsAreMisses)]
    [InlineData(StaleViewPolicy.Refuse, ViewTrust.Refused)]
    public void The_policy_holds_from_its_age_on_until_the_view_is_confirmed(StaleViewPolicy policy, object stale)
    {
        using var confirmation = Confirmed(policy);
        _clock.Advance(TimeSpan.FromMinutes(5));
        var heard = _clock.GetTimestamp();
        _clock.Advance(3 * Second);
        confirmation.Doubt(heard);
        _clock.Advance((6.999 * Second));
        Assert.Equal(ViewTrust.Full, _told[^1]);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(stale, _told[^1]);

        confirmation.End(confirmation.BeginCheck());
        Assert.Equal(ViewTrust.Full, _told[^1]);
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(ViewTrust.Full, _told[^1]);
    }

    [Fact]
    public void A_silence_noticed_only_after_the_age_has_passed_counts_at_once()
    {
        using var confirmation = Confirmed(StaleViewPolicy.Refuse);
        var heard = _clock.GetTimestamp();
        _clock.Advance(11 * Second);
        confirmation.Doubt(heard);

        Assert.Equal(ViewTrust.Refused, _told[^1]);
    }

    [Theory]
    [InlineData(false, StaleViewPolicy.ServeOn, 1, ViewTrust.ReadsAreMisses)]
    [InlineData(false, StaleViewPolicy.ServeOn, 100, ViewTrust.ReadsAreMisses)]
    [InlineData(false, StaleViewPolicy.MissReads, 1, ViewTrust.ReadsAreMisses)]
    [InlineData(false, StaleViewPolicy.Refuse, 1, ViewTrust.ReadsAreMisses)]
    [InlineData(false, StaleViewPolicy.Refuse, 100, ViewTrust.Refused)]
    [InlineData(true, StaleViewPolicy.ServeOn, 100, ViewTrust.Full)]
    [InlineData(true, StaleViewPolicy.MissReads, 1, ViewTrust.Full)]
    [InlineData(true, StaleViewPolicy.MissReads, 100, ViewTrust.ReadsAreMisses)]
    [InlineData(true, StaleViewPolicy.Refuse, 100, ViewTrust.Refused)]
    public void A_view_from_a_snapshot_is_unproven_until_confirmed_and_brings_its_age(bool isTrusted, StaleViewPolicy policy, int age, object trust)
    {
        using var confirmation = New(policy, isTrusted);
        confirmation.StartUnconfirmed(age * Second);

        Assert.Equal(trust, _told[^1]);
        _clock.Advance(Second);
        Assert.Equal((age + 1) * Second, confirmation.Age);

        confirmation.End(confirmation.BeginCheck());
        Assert.Equal(ViewTrust.Full, _told[^1]);

        // Proven once, it is like any other.
        confirmation.Doubt(_clock.GetTimestamp());
        Assert.Equal(ViewTrust.Full, _told[^1]);
    }

    [Fact]
    public void Nothing_is_told_after_disposal()
    {
        var confirmation = Confirmed(StaleViewPolicy.Refuse);
        confirmation.Doubt(_clock.GetTimestamp());
        confirmation.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(5));

        Assert.DoesNotContain(ViewTrust.Refused, _told);
    }

    private ViewConfirmation New(StaleViewPolicy policy, bool isTrusted = false) => new(
        "shop",
        new ClusterOptions { TimeProvider = _clock, StaleViewPolicy = policy, StaleViewAfter = 10 * Second, TrustSnapshot = isTrusted },
        NullLogger.Instance,
        _told.Add);

    private ViewConfirmation Confirmed(StaleViewPolicy policy)
    {
        var confirmation = New(policy);
        Assert.True(confirmation.End(confirmation.BeginCheck()));
        return confirmation;
    }
}
