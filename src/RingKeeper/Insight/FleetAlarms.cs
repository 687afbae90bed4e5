using System.Globalization;

namespace RingKeeper;

/// <summary>Finds what a person should know of a fleet. Pure.</summary>
internal static class FleetAlarms
{
    /// <summary>How many checkers a majority needs that goes on deciding when one is lost.</summary>
    public const int FewCheckers = 3;

    /// <summary>The alarms of a fleet, the worst first.</summary>
    /// <param name="fleet">The fleet.</param>
    /// <param name="open">The znodes that anybody may change.</param>
    public static IReadOnlyList<FleetAlarm> Of(Fleet fleet, IReadOnlyList<string> open) =>
        [.. Shards(fleet).Concat(Checkers(fleet)).Concat(Znodes(fleet, open)).OrderByDescending(static alarm => alarm.Level)];

    private static IEnumerable<FleetAlarm> Shards(Fleet fleet)
    {
        var shards = fleet.Cluster.Shards;
        var name = fleet.Cluster.Name;
        var isAnyAlive = shards.Any(shard => fleet.StatusOf(shard) is { Alive: true });
        if (shards.All(shard => fleet.StatusOf(shard) is { Alive: false }))
        {
            yield return new("no-shard", FleetAlarmLevel.Critical, "no shard is alive: no key is served", "start the Redis servers, or see 'ringkeeper why' for what keeps them dead");
        }

        foreach (var shard in shards)
        {
            var (status, count) = (fleet.StatusOf(shard), fleet.CountOf(shard));
            if (status is { Alive: false } && !shard.Drained)
            {
                yield return new(
                    "dead", FleetAlarmLevel.Critical, $"shard {shard.Name} is dead since {Times.OfStamp(status.Since)}{(!fleet.Cluster.Options.FailoverEnabled ? ", and without failover nobody serves its keys" : isAnyAlive ? "; others serve its keys" : "")}",
                    $"see 'ringkeeper why {name} {shard.Name}'; start its server at {shard.Addr}, or take it out with 'ringkeeper cluster update {name} --remove {shard.Name}'");
            }

            if (status is null)
            {
                yield return new("undecided", FleetAlarmLevel.Warning, $"nothing is decided about shard {shard.Name} yet: its keys wait", "start the checkers, or wait for a majority of them");
            }

            if (count.Hold is { IsBrake: true } hold)
            {
                yield return new(
                    "brake", FleetAlarmLevel.Critical, string.Create(CultureInfo.InvariantCulture, $"the brake is on: a majority calls shard {shard.Name} dead, and so many at once are held for {hold.Left.TotalSeconds:0} s at most"),
                    $"look at the network of the checkers; 'ringkeeper cluster update {name} --max-dead-percent 100' would never hold");
            }

            if (status is { Alive: true, RunId: null })
            {
                yield return new("restart-unseen", FleetAlarmLevel.Warning, $"restarts of shard {shard.Name} go unnoticed: the status does not say whose run it is", "give the checkers' Redis user +info, and run RingKeeper's checkers alone");
            }

            if (status is { Role: "slave" })
            {
                yield return new("replica", FleetAlarmLevel.Critical, $"shard {shard.Name} is a replica: it copies another server, and takes no writes", $"send it REPLICAOF NO ONE, or take it out with 'ringkeeper cluster update {name} --remove {shard.Name}'");
            }
        }
    }

    private static IEnumerable<FleetAlarm> Checkers(Fleet fleet)
    {
        var (checkers, expected) = (fleet.Checkers, fleet.Cluster.Options.ExpectedCheckers);
        var fresh = checkers.Count(static checker => checker is { Counts: true, IsReadable: true, IsStale: false });
        var needed = fleet.Cluster.Shards.Count > 0 ? fleet.CountOf(fleet.Cluster.Shards[0]).Needed : 1;
        if (checkers.Count == 0)
        {
            yield return new("no-checker", FleetAlarmLevel.Critical, "nobody decides: no checker is present", $"start checkers: 'ringkeeper checker {fleet.Cluster.Name}', on three machines");
        }
        else if (fresh < needed)
        {
            yield return new("no-quorum", FleetAlarmLevel.Critical, $"no quorum: {fresh} checker(s) with a vote that counts, and {needed} must agree", "start the missing checkers; each one's /readyz says what is wrong with it");
        }
        else if (checkers.Count < (expected ?? 0))
        {
            yield return new("checkers-missing", FleetAlarmLevel.Warning, $"{checkers.Count} of {expected} expected checkers are present", "start the missing ones");
        }

        if (checkers.Count is > 0 and < FewCheckers)
        {
            yield return new("few-checkers", FleetAlarmLevel.Warning, $"{checkers.Count} checker(s): the loss of one ends all decisions, or a single one decides alone", $"run {FewCheckers} or more, on machines of their own");
        }

        foreach (var checker in checkers)
        {
            if (!checker.IsReadable)
            {
                yield return new("vote-unreadable", FleetAlarmLevel.Warning, $"the vote of {checker.Name} cannot be read and does not count", "restart that checker; another program may have written to its znode");
            }
            else if (!checker.Counts)
            {
                yield return new("namesakes", FleetAlarmLevel.Warning, $"{checker.Name} does not count: a newer vote of the same checker does", "if two checkers were given one id, give each its own with --id");
            }
            else if (checker.IsStale)
            {
                yield return new("vote-old", FleetAlarmLevel.Warning, string.Create(CultureInfo.InvariantCulture, $"the vote of {checker.Name} is {checker.AgeSeconds:0} s old and does not count"), "look at that checker: it hangs, or is cut off from ZooKeeper");
            }
        }

        if (fleet.DescribeMixture() is { } mixture)
        {
            yield return new("go-checkers", fleet.Leader is { Kind: VoterKind.Go } ? FleetAlarmLevel.Critical : FleetAlarmLevel.Warning, mixture, "replace the Go checkers by RingKeeper's, the leading one last");
        }
    }

    private static IEnumerable<FleetAlarm> Znodes(Fleet fleet, IReadOnlyList<string> open)
    {
        if (OpenNodes.Describe(fleet.Cluster.Name, open) is { } describes)
        {
            yield return new("open-acl", FleetAlarmLevel.Warning, describes, "set credentials (RINGKEEPER_ZOOKEEPER_AUTH) for all who use the cluster, and create it anew with them; docs/operations.md says how");
        }

        if (RestoredFields.Describe(fleet.Cluster.RestoredFields) is { } restored)
        {
            yield return new("fields-lost", FleetAlarmLevel.Warning, restored, $"run 'ringkeeper cluster update {fleet.Cluster.Name}' with any option, and change the cluster with RingKeeper's manager alone");
        }

        if (fleet.Nodes.Decisions.Trouble is { } trouble)
        {
            yield return new("decisions-unreadable", FleetAlarmLevel.Note, trouble, "nothing to do: the next decision writes it anew");
        }
    }
}
