using Microsoft.Extensions.Time.Testing;
using RingKeeper.Dashboard;
using Xunit;

namespace RingKeeper.Tests.Dashboard;

/// <summary>How servers are asked what they have to say, in virtual time.</summary>
public sealed class ShardFactsWatchTests : IDisposable
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(250);

    private readonly FakeTimeProvider _time = new(FeedFleets.Now);
    private readonly List<string> _asked = [];
    private readonly SemaphoreSlim _heard = new(0);
    private Func<string, CancellationToken, Task<ShardFacts>> _answer = static (addr, _) => Task.FromResult(FeedFleets.Facts(addr));

    public void Dispose() => _heard.Dispose();

    [Fact]
    public async Task A_server_is_asked_once_in_five_seconds_however_often_somebody_looks()
    {
        await using var watch = Watch();
        await AskAsync(watch, FeedFleets.A);
        watch.Ask([FeedFleets.A], Tolerance);
        _time.Advance(ShardFactsWatch.Pace - TimeSpan.FromMilliseconds(1));
        watch.Ask([FeedFleets.A], Tolerance);
        Assert.Single(_asked);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await AskAsync(watch, FeedFleets.A);

        Assert.Equal(2, _asked.Count);
        Assert.Equal(7, watch.Of(FeedFleets.A.Addr)!.Facts!.Keys);
    }

    [Fact]
    public async Task A_few_are_asked_at_once_and_the_others_get_their_turn()
    {
        var gate = new TaskCompletionSource();
        _answer = async (addr, _) =>
        {
            await gate.Task;
            return FeedFleets.Facts(addr);
        };
        Shard[] shards = [.. Enumerable.Range(0, 20).Select(static i => new Shard($"s{i}", $"10.0.1.{i}:1"))];
        await using var watch = Watch();
        watch.Ask(shards, Tolerance);
        watch.Ask(shards, Tolerance);
        gate.SetResult();
        for (var i = 0; i < ShardFactsWatch.Width; i++)
        {
            Assert.True(await _heard.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        }

        Assert.Equal(ShardFactsWatch.Width, Asked().Count);
    }

    [Fact]
    public async Task What_a_server_said_stays_when_it_fails_and_the_reason_is_told()
    {
        await using var watch = Watch();
        await AskAsync(watch, FeedFleets.A);
        _answer = static (_, _) => throw new RingKeeperException("it turned this connection away");
        _time.Advance(ShardFactsWatch.Pace);
        await AskAsync(watch, FeedFleets.A);

        var known = watch.Of(FeedFleets.A.Addr)!;
        Assert.Equal("it turned this connection away", known.Trouble);
        Assert.NotNull(known.Facts);
        Assert.Equal(ShardFactsWatch.Pace, _time.GetElapsedTime(known.At));
    }

    [Fact]
    public async Task A_server_that_hangs_is_given_up_and_told()
    {
        var begun = new TaskCompletionSource();
        _answer = async (_, ct) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, ct);
            throw new InvalidOperationException("It was not given up.");
        };
        await using var watch = Watch();
        watch.Ask([FeedFleets.A], Tolerance);
        await begun.Task;
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await _heard.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        Assert.Contains("does not answer INFO within 2 s", watch.Of(FeedFleets.A.Addr)!.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_is_off_is_told_until_it_agrees_again_and_a_shard_that_went_is_forgotten()
    {
        await using var watch = Watch();
        _answer = static (addr, _) => Task.FromResult(FeedFleets.Facts(addr, TimeSpan.FromMilliseconds(200)));
        await AskAsync(watch, FeedFleets.A);
        Assert.True(watch.Of(FeedFleets.A.Addr)!.IsClockOff);

        _answer = static (addr, _) => Task.FromResult(FeedFleets.Facts(addr));
        _time.Advance(ShardFactsWatch.Pace);
        await AskAsync(watch, FeedFleets.A);
        Assert.False(watch.Of(FeedFleets.A.Addr)!.IsClockOff);

        await AskAsync(watch, FeedFleets.B);
        Assert.Null(watch.Of(FeedFleets.A.Addr));
    }

    [Theory]
    [InlineData("run_id:r\ndb0:keys=3,expires=1\ndb7:keys=4,expires=0", 7L)]
    [InlineData("run_id:r\n# Keyspace", 0L)]
    [InlineData("run_id:r", null)]
    [InlineData("db0:keys=3,expires=1", 3L)]
    [InlineData("run_id:r\ndb0:keys=9223372036854775807,expires=0\ndb1:keys=9223372036854775807,expires=0", null)]
    public void Keys_are_those_of_all_databases_and_none_where_the_server_tells_no_sense(string info, long? keys) =>
        Assert.Equal(keys, new ShardFacts("a:1", ShardFacts.Parse(info), null, TimeSpan.Zero).Keys);

    private ShardFactsWatch Watch() => new(
        "orders",
        (addr, ct) =>
        {
            lock (_asked)
            {
                _asked.Add(addr);
            }

            return _answer(addr, ct);
        },
        _time,
        () => _heard.Release());

    private List<string> Asked()
    {
        lock (_asked)
        {
            return [.. _asked];
        }
    }

    private async Task AskAsync(ShardFactsWatch watch, Shard shard)
    {
        watch.Ask([shard], Tolerance);
        Assert.True(await _heard.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }
}
