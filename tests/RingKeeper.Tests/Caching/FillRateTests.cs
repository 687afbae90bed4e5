using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace RingKeeper.Tests.Caching;

public sealed class FillRateTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void No_more_begin_in_a_second_than_allowed_and_the_next_second_begins_anew()
    {
        var rate = new FillRate(3, _time);
        Assert.Equal(3, Begun(rate, 10));
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(0, Begun(rate, 10));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(3, Begun(rate, 10));

        // What was not used is not saved up.
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(3, Begun(rate, 10));
    }

    [Fact]
    public void None_begins_where_none_is_allowed() => Assert.Equal(0, Begun(new FillRate(0, _time), 10));

    [Fact]
    public void Threads_that_begin_at_once_share_the_bound()
    {
        var rate = new FillRate(50_000, _time);
        var begun = 0;
        Parallel.For(0, 8, _ => Interlocked.Add(ref begun, Begun(rate, 10_000)));

        Assert.Equal(50_000, begun);
    }

    private static int Begun(FillRate rate, int tries)
    {
        var begun = 0;
        for (var i = 0; i < tries; i++)
        {
            begun += rate.TryBegin() ? 1 : 0;
        }

        return begun;
    }
}
