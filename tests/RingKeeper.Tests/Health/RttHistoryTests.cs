using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Health;

public sealed class RttHistoryTests
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(1);

    [Fact]
    public void Before_the_fourth_answer_a_probe_has_all_the_time_there_is()
    {
        var history = new RttHistory();
        for (var i = 0; i < 3; i++)
        {
            history.Add(Milliseconds(1));
            Assert.Equal(Most, history.Timeout(Most));
        }

        history.Add(Milliseconds(1));
        Assert.Equal(RttHistory.Least, history.Timeout(Most));
    }

    [Fact]
    public void A_steady_slow_shard_gets_more_time_than_its_deviation_asks_for()
    {
        // 200 + 5.612 · 50; its deviation is nothing.
        Assert.Equal(480.6, Of(Enumerable.Repeat(200, 100)).Timeout(Most).TotalMilliseconds, 1);
    }

    [Fact]
    public void A_restless_shard_gets_its_deviations()
    {
        // Mean 50 ms, standard deviation 40.2 ms.
        var history = Of(Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? 10 : 90));

        Assert.Equal(275.6, history.Timeout(Most).TotalMilliseconds, 1);
    }

    [Fact]
    public void Only_the_last_hundred_count() => Assert.Equal(Milliseconds(5), Of(Enumerable.Repeat(900, 500).Concat(Enumerable.Repeat(5, 100))).Mean);

    [Fact]
    public void The_deadline_is_never_shorter_than_250_ms_nor_longer_than_allowed() =>
        Gen.Select(Gen.Int[0, 5000].Array[0, 120], Gen.Int[1, 3000]).Sample((rtts, most) =>
        {
            var timeout = Of(rtts).Timeout(Milliseconds(most));

            Assert.InRange(timeout.TotalMilliseconds, Math.Min(250, most), most);
        });

    [Fact]
    public void A_shard_that_grows_slow_is_understood_after_a_few_answers()
    {
        var history = Of(Enumerable.Repeat(1, 100));
        var missed = 0;
        while (history.Timeout(Most) < Milliseconds(400))
        {
            missed++;
            history.Add(Milliseconds(400));
        }

        Assert.InRange(missed, 1, 5);
    }

    private static RttHistory Of(IEnumerable<int> milliseconds)
    {
        var history = new RttHistory();
        foreach (var one in milliseconds)
        {
            history.Add(Milliseconds(one));
        }

        return history;
    }

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);
}
