using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Compares this process's clock with those of the shards it uses: at first use and at most once a minute, on the side of what is asked for.</summary>
internal sealed class ShardClocks(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, ShardClock> _clocks = new(StringComparer.Ordinal);

    /// <summary>Measures, if it is due; does not wait for the answer.</summary>
    public void Look(in ShardRoute route)
    {
        if (!_clocks.TryGetValue(route.Shard.Addr, out var clock))
        {
            clock = _clocks.GetOrAdd(route.Shard.Addr, static addr => new ShardClock(addr));
        }

        var now = time.GetTimestamp();
        var asked = Interlocked.Read(ref clock.AskedAt);
        if ((asked == 0 || time.GetElapsedTime(asked, now) >= Pause) && Interlocked.CompareExchange(ref clock.AskedAt, now == 0 ? 1 : now, asked) == asked)
        {
            clock.Measuring = MeasureAsync(clock, route.Database, route.Origin?.View.Rules ?? CopyRules.Default);
        }
    }

    /// <summary>The measurement of a shard that was begun last; none before its first use.</summary>
    internal Task LastOf(string addr) => _clocks.TryGetValue(addr, out var clock) ? clock.Measuring : Task.CompletedTask;

    private async Task MeasureAsync(ShardClock clock, IDatabase database, CopyRules rules)
    {
        try
        {
            var sent = time.GetUtcNow();
            var start = time.GetTimestamp();
            var reply = (RedisValue[]?)await database.ExecuteAsync("TIME").ConfigureAwait(false);
            var roundTrip = time.GetElapsedTime(start);
            if (reply is not [var seconds, var microseconds])
            {
                CacheLog.ClockUnknown(logger, clock.Addr, "TIME was not answered with two numbers");
                return;
            }

            var told = DateTimeOffset.UnixEpoch
                + TimeSpan.FromSeconds(long.Parse((string)seconds!, CultureInfo.InvariantCulture))
                + TimeSpan.FromMicroseconds(long.Parse((string)microseconds!, CultureInfo.InvariantCulture));
            Tell(clock, ClockReading.OfRoundTrip(sent, roundTrip, told, TimeSpan.FromMicroseconds(1)), rules.ClockTolerance);
        }
        catch (Exception e)
        {
            // Nobody waits for it, so nobody else would hear of it.
            CacheLog.ClockUnknown(logger, clock.Addr, e.Message);
        }
    }

    private void Tell(ShardClock clock, ClockReading reading, TimeSpan tolerance)
    {
        switch (clock.Watch.Hear(reading, tolerance))
        {
            case ClockChange.Begins:
                CacheLog.ClockDiffers(logger, clock.Addr, reading.Difference.TotalMilliseconds, reading.Uncertainty.TotalMilliseconds, tolerance.TotalMilliseconds);
                break;
            case ClockChange.Ends:
                CacheLog.ClockAgrees(logger, clock.Addr, reading.Difference.TotalMilliseconds);
                break;
        }
    }

    private sealed class ShardClock(string addr)
    {
        // By the clock that nobody sets; 0 for never.
        public long AskedAt;

        public string Addr { get; } = addr;

        public ClockWatch Watch { get; } = new(addr);

        public Task Measuring { get; set; } = Task.CompletedTask;
    }
}
