using System.Globalization;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Dashboard;

/// <summary>What this process knows of itself beside the fleet.</summary>
/// <param name="Reading">What it knows of the cluster.</param>
/// <param name="NewsTrouble">Why the fleet could not be read anew, or null.</param>
/// <param name="SinceVotes">How long no RingKeeper checker has written its vote; null where none is present.</param>
/// <param name="ZooKeeperAhead">By how much at least ZooKeeper's clock is ahead of this machine's.</param>
/// <param name="ClocksOff">The shards whose clocks differ too much, with the differences.</param>
/// <param name="Tolerance">By how much clocks may differ.</param>
internal sealed record ProcessKnowledge(
    ClusterReading Reading, string? NewsTrouble, TimeSpan? SinceVotes, TimeSpan ZooKeeperAhead, IReadOnlyList<(string Shard, TimeSpan Difference)> ClocksOff, TimeSpan Tolerance);

/// <summary>Finds what a person should know of this process, and what only somebody who looks for a while can know. Pure.</summary>
internal static class ProcessAlarms
{
    /// <summary>The age of a view from which it is an alarm, as for the health check.</summary>
    public static readonly TimeSpan OldView = TimeSpan.FromSeconds(10);

    /// <summary>How long nobody may vote: three times what checkers take to confirm their votes.</summary>
    public static readonly TimeSpan NoVotes = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Unreached = TimeSpan.FromSeconds(5);

    /// <summary>The alarms.</summary>
    public static IEnumerable<FleetAlarm> Of(ProcessKnowledge known) => [.. OfSession(known), .. OfVotes(known), .. OfShards(known.Reading), .. OfClocks(known)];

    /// <summary>What is wrong with the session and what to do, or null.</summary>
    public static string? SessionTrouble(ClusterReading reading) => reading.Session switch
    {
        SessionState.Connected => null,
        SessionState.AuthFailed => "ZooKeeper refused the credentials of this process; correct them and start it anew",
        SessionState.Closed => "the ZooKeeper session is closed: this process follows no change any more; start it anew",
        SessionState.ReadOnly => "the ZooKeeper server lost its quorum and serves reads alone: what is shown may be old; start the missing servers",
        var state => $"{reading.ZooKeeperTrouble?.TrimEnd('.') ?? $"no server is connected (session {state})"}; the client goes on trying by itself",
    };

    private static IEnumerable<FleetAlarm> OfSession(ProcessKnowledge known)
    {
        var reading = known.Reading;
        if (reading.View is null)
        {
            yield return new("not-connected", FleetAlarmLevel.Warning, "this process is not connected to the cluster yet", "wait for the application to start; its log says what it waits for");
        }
        else if (SessionTrouble(reading) is { } trouble)
        {
            yield return new("zookeeper-away", FleetAlarmLevel.Critical, $"ZooKeeper is away from this process: {trouble}", "look at the ZooKeeper servers and the network to them; shards are served by the last state meanwhile");
        }
        else if (reading.Unreadable is { } unreadable)
        {
            yield return new("unreadable", FleetAlarmLevel.Critical, $"what ZooKeeper holds of the cluster cannot be used: {unreadable.TrimEnd('.')}", "mend what is named, or create the cluster again; the last state stays in use");
        }
        else if (known.NewsTrouble is { } old)
        {
            yield return new("unreadable", FleetAlarmLevel.Critical, $"what is shown was last read a while ago: {old.TrimEnd('.')}", "mend what is named; it is read anew by itself");
        }

        if (reading.View is not null && reading.ViewAge > OldView)
        {
            yield return new(
                "view-old", reading.RefusesLookups ? FleetAlarmLevel.Critical : FleetAlarmLevel.Warning,
                string.Create(CultureInfo.InvariantCulture, $"the view is {reading.ViewAge.TotalSeconds:0} s old: ZooKeeper has not confirmed it{(reading.RefusesLookups ? ", and lookups are refused" : "")}"),
                "see what keeps this process from ZooKeeper");
        }
    }

    // While this process hears nothing itself, it cannot tell.
    private static IEnumerable<FleetAlarm> OfVotes(ProcessKnowledge known)
    {
        if (known is { SinceVotes: { } since, Reading.Session: SessionState.Connected, NewsTrouble: null } && since > NoVotes)
        {
            yield return new(
                "no-votes", FleetAlarmLevel.Critical, string.Create(CultureInfo.InvariantCulture, $"nobody votes any more: no checker has written its vote for {since.TotalSeconds:0} s"),
                "look at the checkers: their /livez, and whether they reach ZooKeeper");
        }
    }

    private static IEnumerable<FleetAlarm> OfShards(ClusterReading reading)
    {
        if (reading.View is not { } view)
        {
            yield break;
        }

        foreach (var shard in view.Ring.Shards)
        {
            if (view.Statuses.GetValueOrDefault(shard.Addr) is { Alive: true } && reading.Connections.TryGetValue(shard.Addr, out var connection) && (connection.Age is not { } age || age >= Unreached))
            {
                yield return new(
                    "shard-unreached", FleetAlarmLevel.Warning, $"shard {shard.Name} is alive for the checkers, and this process has no connection to it: {connection.Reason}",
                    $"look at the way from this machine to {shard.Addr}, and at this process's credentials");
            }
        }
    }

    private static IEnumerable<FleetAlarm> OfClocks(ProcessKnowledge known)
    {
        foreach (var (shard, difference) in known.ClocksOff)
        {
            var way = difference < TimeSpan.Zero ? "behind" : "ahead of";
            yield return new(
                "clock", FleetAlarmLevel.Warning, string.Create(CultureInfo.InvariantCulture, $"the clock of shard {shard} is {difference.Duration().TotalSeconds:0.000} s {way} this machine's"),
                "keep the clocks by NTP; caches shared with Go programs count on them");
        }

        if (known.ZooKeeperAhead > known.Tolerance / 2)
        {
            yield return new(
                "clock", FleetAlarmLevel.Warning, string.Create(CultureInfo.InvariantCulture, $"ZooKeeper's clock is at least {known.ZooKeeperAhead.TotalSeconds:0.000} s ahead of this machine's"), "keep the clocks by NTP");
        }
    }
}
