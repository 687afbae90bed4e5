using System.Text.Json;

namespace RingKeeper.Cli.Handlers;

/// <summary>What <c>status</c> shows of a cluster. Pure.</summary>
/// <param name="fleet">The cluster and its checkers.</param>
/// <param name="open">The znodes that anybody may change.</param>
internal sealed class StatusReport(Fleet fleet, IReadOnlyList<string> open)
{
    private readonly ZKClusterInfo _cluster = fleet.Cluster;
    private readonly IReadOnlyList<FleetAlarm> _alarms = FleetAlarms.Of(fleet, open);

    /// <summary>
    /// Gets what has to differ for the status to be shown again: no age, no round trip, nothing that a vote written anew with the same words changes.
    /// </summary>
    public string Essence => JsonSerializer.Serialize(new
    {
        _cluster.Options.ExpectedCheckers,
        _cluster.RestoredFields,
        open,
        Alarms = _alarms.Select(static alarm => alarm.Code),
        Shards = _cluster.Shards.Select(shard => new
        {
            shard.Name,
            shard.Addr,
            shard.Drained,
            Status = fleet.StatusOf(shard),
            Votes = Fleet.Summarize(fleet.CountOf(shard)),
            Brake = fleet.CountOf(shard).Hold?.IsBrake,
            Suppressed = fleet.SuppressionsOf(shard).Select(static s => s.Checker.Node),
        }),
        Checkers = fleet.Checkers.Select(checker => new { checker.Node, checker.Checker, checker.Kind, Says = checker.Summarize(_cluster.Shards) }),
    });

    public void Write(bool json, CliOutput output)
    {
        if (json)
        {
            output.WriteJson(Shape());
            return;
        }

        output.WriteLine(Heading(fleet));
        output.WriteTable(
            ["shard", "address", "state", "since", "votes"],
            [.. _cluster.Shards.Select(s => (string[])[s.Name, s.Addr, StateOf(fleet, s), fleet.StatusOf(s) is { } status ? Times.OfStamp(status.Since) : "-", Fleet.Summarize(fleet.CountOf(s))])]);
        foreach (var line in Notes())
        {
            output.WriteLine(line);
        }

        if (fleet.Checkers.Count > 0)
        {
            output.WriteTable(
                ["checker", "id", "program", "vote age", "says"],
                [.. fleet.Checkers.Select(c => (string[])[c.Node, c.Checker ?? "-", c.Program, c.Counts ? Fleet.Seconds(c.AgeSeconds) : "-", c.Summarize(_cluster.Shards)])]);
        }

        foreach (var alarm in _alarms)
        {
            output.WriteLine($"{Word(alarm.Level)}: {alarm.Text}");
            output.WriteLine($"  what to do: {alarm.Remedy}");
        }
    }

    /// <summary>The cluster, who is present and who decides, in one line.</summary>
    public static string Heading(Fleet fleet)
    {
        var expected = fleet.Cluster.Options.ExpectedCheckers is { } count ? $" of {count} expected" : "";
        var leader = fleet.Leader is { } first ? $", {first.Node} is first in line" : ": nobody decides";
        return $"cluster {fleet.Cluster.Name}: {fleet.Checkers.Count} checker(s) present{expected}{leader}";
    }

    /// <summary>How bad an alarm is, for people.</summary>
    public static string Word(FleetAlarmLevel level) => $"{level}".ToLowerInvariant();

    /// <summary>The state of a shard, for people.</summary>
    public static string StateOf(Fleet fleet, Shard shard) =>
        (fleet.StatusOf(shard)?.Alive switch { true => "alive", false => "dead", null => "undecided" }) + (shard.Drained ? ", drained" : "");

    // What a table has no room for.
    private IEnumerable<string> Notes()
    {
        foreach (var shard in _cluster.Shards)
        {
            if (fleet.CountOf(shard) is { Hold.IsBrake: true } held)
            {
                yield return $"{shard.Name} {held.Why}";
            }

            foreach (var (checker, entry) in fleet.SuppressionsOf(shard))
            {
                yield return $"{shard.Name} is kept dead by {checker.Node}{(entry.SuppressedUntil is { } until ? $" until {Times.OfStamp(until)}" : "")}: {entry.Suppressed}";
            }
        }
    }

    private object Shape() => new
    {
        _cluster.Name,
        _cluster.Options.ExpectedCheckers,
        _cluster.Options.MaxDeadPercent,
        _cluster.Options.FlapPolicy,
        OpenNodes = open,
        _cluster.RestoredFields,
        Checkers = fleet.Checkers.Select(static checker => checker.Node),
        Leader = fleet.Leader?.Node,
        Mixture = fleet.DescribeMixture(),
        Alarms = _alarms,
        Shards = _cluster.Shards.Select(shard => ShardShape.Of(fleet, shard)),
        Votes = fleet.Checkers.Select(checker => new
        {
            checker.Node,
            Id = checker.Checker,
            checker.Kind,
            checker.Leads,
            checker.Counts,
            checker.IsReadable,
            checker.IsStale,
            checker.AgeSeconds,
            Says = _cluster.Shards.Select(shard => VoteShape.Of(shard, checker.EntryOf(shard))),
        }),
    };
}
