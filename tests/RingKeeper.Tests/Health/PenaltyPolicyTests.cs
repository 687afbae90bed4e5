using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Health;

public sealed class PenaltyPolicyTests
{
    [Fact]
    public void Fast_flapping_costs_what_the_Go_package_was_seen_to_ask()
    {
        // Threshold 1 s, a long quiet time first, then a death right after each return.
        var policy = new PenaltyPolicy(TimeSpan.FromSeconds(1));
        AnswersUntilAlive(policy);
        AnswersUntilAlive(policy);

        int[] needed = [.. Enumerable.Range(0, 5).Select(_ => AnswersAfterDeath(policy))];

        Assert.Equal([1, 2, 4, 6, 4], needed);
    }

    [Fact]
    public void The_first_verdict_may_be_alive_on_the_first_answer() => Assert.True(new PenaltyPolicy(TimeSpan.FromSeconds(2)).OnGoodAnswer());

    [Fact]
    public void A_shard_found_dead_at_first_needs_two_answers() => Assert.Equal(2, AnswersAfterDeath(new PenaltyPolicy(TimeSpan.FromSeconds(2))));

    [Fact]
    public void After_five_answers_between_deaths_no_penalty_is_visible()
    {
        var policy = new PenaltyPolicy(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 10; i++)
        {
            for (var answer = 0; answer < 5; answer++)
            {
                policy.OnGoodAnswer();
            }

            Assert.Equal(1, AnswersAfterDeath(policy));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(99)]
    [InlineData(150)]
    public void A_threshold_below_the_cap_never_means_death_for_ever(int milliseconds)
    {
        var policy = new PenaltyPolicy(TimeSpan.FromMilliseconds(milliseconds));
        for (var i = 0; i < 20; i++)
        {
            Assert.InRange(AnswersAfterDeath(policy), 1, 2);
        }
    }

    [Fact]
    public void No_sequence_asks_for_less_than_one_answer_or_more_than_the_cap() =>
        Gen.Select(Gen.Int[1, 5000], Gen.Bool.Array[0, 100]).Sample((milliseconds, steps) =>
        {
            var policy = new PenaltyPolicy(TimeSpan.FromMilliseconds(milliseconds));
            foreach (var death in steps)
            {
                if (death)
                {
                    policy.OnDeath();
                }
                else
                {
                    policy.OnGoodAnswer();
                }

                Assert.InRange(policy.AnswersToReturn, 1, Math.Max(2, milliseconds / 100));
            }
        });

    private static int AnswersAfterDeath(PenaltyPolicy policy)
    {
        policy.OnDeath();
        return AnswersUntilAlive(policy);
    }

    private static int AnswersUntilAlive(PenaltyPolicy policy)
    {
        var answers = 1;
        while (!policy.OnGoodAnswer())
        {
            answers++;
        }

        return answers;
    }
}
