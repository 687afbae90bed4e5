using System.Diagnostics.Metrics;
using System.Text;
using Xunit;

namespace RingKeeper.Tests.Coordination;

/// <summary>Stamps come from leaders' clocks: each checker compares its own with ZooKeeper's whenever it writes its vote.</summary>
public sealed class CheckerClockTests
{
    private const int Differs = 248;
    private const int Agrees = 249;

    [Fact]
    public async Task A_checker_whose_clock_is_off_tells_so_once_and_once_that_it_is_right_again()
    {
        var fleet = new SteppedFleet();
        var clock = new ShiftedClock(fleet.Time) { Shift = TimeSpan.FromMilliseconds(-200) };
        var differences = new List<double>();
        using var meter = Listen(differences);
        var checker = await fleet.AddAsync("off", o => o with { TimeProvider = clock });
        var right = await fleet.AddAsync("right");
        await fleet.RunAsync(TimeSpan.FromMinutes(1));

        Assert.Contains("200", Assert.Single(checker.Lines, l => l.Id == Differs).Line, StringComparison.Ordinal);
        Assert.DoesNotContain(right.Lines, l => l.Id is Differs or Agrees);

        // Checkers of other tests may be heard at the same time.
        List<double> heard;
        lock (differences)
        {
            heard = [.. differences];
        }

        Assert.Contains(heard, d => Math.Abs(d - 0.2) < 0.002);

        clock.Shift = TimeSpan.Zero;
        await fleet.RunAsync(TimeSpan.FromMinutes(1));
        Assert.Single(checker.Lines, l => l.Id == Differs);
        Assert.Single(checker.Lines, l => l.Id == Agrees);
    }

    [Fact]
    public async Task The_clusters_tolerance_is_what_it_is_measured_by()
    {
        var fleet = new SteppedFleet();
        fleet.Set(ZKPaths.Options(SteppedFleet.Name), Encoding.UTF8.GetString(ZNodeCodec.EncodeOptions(new ZKClusterOptions { ClockTolerance = TimeSpan.FromMilliseconds(500) })));
        fleet.Set(ZKPaths.Cluster(SteppedFleet.Name), "2");
        var checker = await fleet.AddAsync("off", o => o with { TimeProvider = new ShiftedClock(fleet.Time) { Shift = TimeSpan.FromMilliseconds(200) } });
        await fleet.RunAsync(TimeSpan.FromMinutes(1));

        Assert.DoesNotContain(checker.Lines, l => l.Id == Differs);
    }

    private static MeterListener Listen(List<double> differences)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "ringkeeper.clock.difference")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            lock (differences)
            {
                differences.Add(value);
            }
        });
        listener.Start();
        return listener;
    }

    private sealed class ShiftedClock(TimeProvider time) : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Shift;

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
    }
}
