using Xunit;

namespace RingKeeper.Tests.Health;

public sealed class FlapDampingTests
{
    private static readonly TimeSpan Threshold = TimeSpan.FromSeconds(2);

    [Fact]
    public void Without_damping_the_first_good_answer_revives_however_often_it_died()
    {
        var health = new ShardHealth(Threshold, At(0), FlapPolicy.Off);
        for (var i = 1; i < 50; i++)
        {
            Die(health, i);
            Assert.True(health.OnResult(ProbeOutcome.Alive, At(i + 0.5)));
            Assert.Equal(ShardVerdict.Alive, health.Verdict);
        }
    }

    [Fact]
    public void A_decaying_penalty_holds_the_third_death_in_a_row_until_its_time()
    {
        var health = new ShardHealth(Threshold, At(0), FlapPolicy.Decaying);
        for (var i = 0; i < 2; i++)
        {
            Die(health, i);
            Assert.True(health.OnResult(ProbeOutcome.Alive, At(i + 0.5)));
        }

        Die(health, 3);

        var until = health.Hold(At(3.1)).Until!.Value;
        Assert.False(health.OnResult(ProbeOutcome.Alive, until - TimeSpan.FromSeconds(1)));
        Assert.True(health.OnResult(ProbeOutcome.Alive, until));
        Assert.Equal(ShardVerdict.Alive, health.Verdict);
    }

    [Fact]
    public void A_change_of_policy_acts_on_the_deaths_there_were()
    {
        var health = new ShardHealth(Threshold, At(0), FlapPolicy.Off);
        for (var i = 0; i < 3; i++)
        {
            Die(health, i);
            health.OnResult(ProbeOutcome.Alive, At(i + 0.5));
        }

        health.FlapPolicy = FlapPolicy.Decaying;
        Assert.Equal(ShardVerdict.Alive, health.Verdict);
        Die(health, 4);
        Assert.NotNull(health.Hold(At(4.1)).Until);
        Assert.False(health.OnResult(ProbeOutcome.Alive, At(5)));

        health.FlapPolicy = FlapPolicy.Off;
        Assert.True(health.OnResult(ProbeOutcome.Alive, At(6)));
    }

    [Fact]
    public void A_return_to_the_Go_policy_finds_its_penalty_as_it_would_have_been()
    {
        var (steady, changed) = (new ShardHealth(Threshold, At(0)), new ShardHealth(Threshold, At(0)));
        changed.FlapPolicy = FlapPolicy.Decaying;
        foreach (var health in new[] { steady, changed })
        {
            Die(health, 1);
            health.OnResult(ProbeOutcome.Alive, At(2));
            health.OnResult(ProbeOutcome.Alive, At(3));
            Die(health, 4);
        }

        changed.FlapPolicy = FlapPolicy.Go;

        Assert.Equal(steady.AnswersToReturn, changed.AnswersToReturn);
    }

    private static void Die(ShardHealth health, double at)
    {
        health.OnResult(ProbeOutcome.Refused, At(at));
        health.OnResult(ProbeOutcome.Refused, At(at + 0.05));
        Assert.Equal(ShardVerdict.Dead, health.Verdict);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromMilliseconds(Math.Round(seconds * 1000));
}
