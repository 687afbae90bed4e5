using StackExchange.Redis;
using StackExchange.Redis.Availability;
using Xunit;

namespace RingKeeper.Tests.Commands;

/// <summary>The library's own retries on a ring.</summary>
public sealed class RingRetryPolicyTests
{
    private static readonly RingRetryPolicy Patient = new(new RetryPolicy.Builder
    {
        MaxAttempts = 10_000,
        MaxAttemptsBeforeFailover = 10_000,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        JitterMax = TimeSpan.FromMilliseconds(1),
    });

    [Theory]
    [InlineData(CommandFlags.None)]
    [InlineData(CommandFlags.CommandRetryNever)]
    public async Task A_command_whose_owner_is_away_is_tried_again_until_it_is_back(CommandFlags flags)
    {
        await using var ring = await RoutedFixture.StartAsync(true, new(":1", false, 1), new(":2", true, 1));
        var set = ring.OwnerOnly.WithRetry(Patient).StringIncrementAsync(RoutedFixture.KeyOf(RoutedFixture.A), 1L, flags);
        Assert.False(set.IsCompleted);

        await ring.SayAsync(RoutedFixture.AllAlive);

        await set.WaitAsync(RoutedFixture.Soon);
        Assert.Single(ring.Calls(RoutedFixture.A));
    }

    [Fact]
    public async Task What_can_never_succeed_is_not_tried_again()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        RedisKey a = RoutedFixture.KeyOf(RoutedFixture.A), b = RoutedFixture.KeyOf(RoutedFixture.B);

        await Assert.ThrowsAsync<CrossShardException>(() => ring.Database.WithRetry(Patient).SetIntersectionLengthAsync([a, b]).WaitAsync(RoutedFixture.Soon));
    }
}
