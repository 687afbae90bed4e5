using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Caching;

public sealed class SlidingTouchesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SlidingTouches _touches;

    public SlidingTouchesTests() => _touches = new SlidingTouches(_time);

    [Fact]
    public void A_key_is_due_once_in_a_quarter_of_its_window()
    {
        var due = 0;
        for (var second = 0; second < 100; second++)
        {
            due += _touches.IsDue("key", 40_000) ? 1 : 0;
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(10, due);
        Assert.True(_touches.IsDue("other", 40_000));
    }

    [Fact]
    public void A_shorter_window_under_the_same_key_is_due_at_once()
    {
        Assert.True(_touches.IsDue("key", 3_600_000));
        Assert.True(_touches.IsDue("key", 1_000));
        Assert.False(_touches.IsDue("key", 1_000));
    }

    [Fact]
    public void Of_many_at_once_one_prolongs()
    {
        var due = 0;
        Parallel.For(0, 1000, _ => Interlocked.Add(ref due, _touches.IsDue("key", 1_000) ? 1 : 0));
        Assert.Equal(1, due);
    }

    [Fact]
    public void Keys_that_are_read_no_more_are_forgotten()
    {
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 1000; i++)
            {
                RedisKey key = $"{round}:{i}";
                Assert.True(_touches.IsDue(key, 4_000));
            }

            _time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.InRange(_touches.Count, 1, 3000);
    }
}
