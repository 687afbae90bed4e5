using System.Globalization;

namespace RingKeeper.Cli.Doctor;

/// <summary>By how much the clocks of this machine, of ZooKeeper and of each shard are apart. Only copies in the Go package's format are judged by clocks.</summary>
internal sealed class ClocksCheck : IDoctorCheck
{
    public string Name => "clocks";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        var tolerance = facts.Fleet.Value?.Cluster.Options.ClockTolerance ?? CopyRules.Default.ClockTolerance;
        yield return facts.ZooKeeperClock.Value is { Reading: var reading }
            ? Judge("ZooKeeper's leader", reading, tolerance)
            : Finding.NotChecked("clock", $"ZooKeeper's clock is told by the next vote that a checker writes, and none came: {facts.ZooKeeperClock.Trouble}", "votes are written every 10 s at least: try again, or with a longer --timeout");
        foreach (var (shard, told) in facts.Answered)
        {
            yield return told.Clock is { } clock
                ? Judge($"shard {shard.Name}", clock, tolerance)
                : Finding.NotChecked("clock", $"shard {shard.Name} does not tell its time, as servers before Redis 7", "compare the machines' clocks by NTP");
        }

        foreach (var silent in facts.Silent("clock"))
        {
            yield return silent;
        }
    }

    private static Finding Judge(string whose, ClockReading reading, TimeSpan tolerance)
    {
        var milliseconds = reading.Difference.TotalMilliseconds;
        var text = string.Create(
            CultureInfo.InvariantCulture, $"the clock of {whose} is {Math.Abs(milliseconds):0.0} ms {(milliseconds < 0 ? "behind" : "ahead of")} this machine's, within {reading.Uncertainty.TotalMilliseconds:0.0} ms");
        return new ClockPolicy().Hear(reading, tolerance) == ClockChange.Begins
            ? Finding.Warning(
                "clock-skew", $"{text}: more than half of the clock tolerance of {Duration.Format(tolerance)}, by which copies in the Go package's format are judged; RingKeeper's own need no clock",
                "let NTP keep the clocks of all machines, this one too")
            : reading.Uncertainty > tolerance / 2
                ? Finding.NotChecked("clock", $"{text}, which is too vague for a clock tolerance of {Duration.Format(tolerance)}", "try again, from nearer")
                : Finding.Ok("clock", text);
    }
}
