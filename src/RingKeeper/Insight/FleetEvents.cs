using System.Globalization;

namespace RingKeeper;

/// <summary>Tells what happened to a cluster, from its records and from what differs between two readings. Pure.</summary>
internal static class FleetEvents
{
    /// <summary>What stands on record, newest first: decisions, and changes of the topology.</summary>
    public static IReadOnlyList<FleetEvent> OnRecord(Fleet fleet) =>
        [.. fleet.Nodes.Decisions.Decisions.SelectMany(decision => Of(fleet.Cluster, decision)).Concat(Topologies(fleet.Cluster)).OrderByDescending(static e => e.At)];

    /// <summary>What happened between two readings of one cluster, in the order in which it is told.</summary>
    /// <param name="before">The earlier reading.</param>
    /// <param name="after">The later one.</param>
    /// <param name="now">The present, µs since the Unix epoch, for what bears no time of its own.</param>
    public static IReadOnlyList<FleetEvent> Between(Fleet before, Fleet after, long now)
    {
        if (before.Cluster.Revision.Czxid != after.Cluster.Revision.Czxid)
        {
            // Nothing of the one is comparable with the other, and all that is on record of the new one is news.
            return [new FleetEvent(after.Cluster.Version, FleetEventKind.Topology, null, $"topology: the cluster was deleted and created anew, with {string.Join(", ", after.Cluster.Shards.Select(static shard => $"{shard.Name} at {shard.Addr}"))}", []), .. OnRecord(after).OrderBy(static e => e.At)];
        }

        var decisions = NewDecisions(before, after);
        return
        [
            .. Topology(before.Cluster, after.Cluster),
            .. Line(before, after, now),
            .. Votes(before, after, now),
            .. Brakes(before, after, now),
            .. decisions.SelectMany(decision => Of(after.Cluster, decision)),
            .. Unrecorded(before, after, [.. decisions.SelectMany(static decision => decision.Changes.Select(static flip => flip.Addr))]),
        ];
    }

    /// <summary>Tells one vote that a decision rests on.</summary>
    public static string Tell(CountedVote vote)
    {
        var said = vote.Says switch { true => "alive", false => "dead", null => "abstained" };
        var name = vote.Checker is { } checker ? $"{vote.Node} ({checker})" : vote.Node;
        var trip = vote.RttMicroseconds is { } rtt ? string.Create(CultureInfo.InvariantCulture, $", round trip {rtt / 1000.0:0.00} ms") : "";
        return $"{name}: {said}, vote {Fleet.Seconds(vote.AgeMilliseconds / 1000.0)} old{(vote.IsStale ? ", too old to count" : "")}{(vote.Error is { } error ? $", last bad answer: {error}" : "")}{trip}";
    }

    // Where the record could not be read before, what it holds up to the status of then was told as a change of that.
    private static List<Decision> NewDecisions(Fleet before, Fleet after)
    {
        var known = before.Nodes.Decisions.Decisions.Select(static decision => (decision.Stamp, decision.Node)).ToHashSet();
        var told = before.Nodes.Decisions.Trouble is null ? 0 : before.Nodes.Statuses.Values.Aggregate(0L, static (newest, status) => Math.Max(newest, status.Since));
        return [.. after.Nodes.Decisions.Decisions.Where(decision => decision.Stamp > told && !known.Contains((decision.Stamp, decision.Node))).Reverse()];
    }

    private static IEnumerable<FleetEvent> Of(ZKClusterInfo cluster, Decision decision)
    {
        var by = $"; published by {decision.Node}{(decision.Checker is { } id ? $" ({id})" : "")}";
        foreach (var flip in decision.Changes)
        {
            var shard = cluster.Shards.FirstOrDefault(shard => shard.Addr == flip.Addr)?.Name;
            var kind = flip.Kind switch { DecisionKind.Death => FleetEventKind.Death, DecisionKind.Return => FleetEventKind.Return, DecisionKind.Restart => FleetEventKind.Restart, _ => FleetEventKind.Drain };
            yield return new FleetEvent(decision.At * 1000, kind, shard, $"{shard ?? flip.Addr} {flip.Count.Why}{by}", flip.Count.Votes.IsDefault ? [] : [.. flip.Count.Votes.Select(Tell)]);
        }
    }

    // The record holds each topology up to the change that ended it; what a manager changed that keeps none is seen against the newest of it.
    private static IEnumerable<FleetEvent> Topologies(ZKClusterInfo cluster)
    {
        var (shards, options) = (cluster.Shards, cluster.Options);
        var unrecorded = cluster.History.Stamp is not null && cluster.History.IsOutdated(cluster.Version);
        foreach (var earlier in cluster.History.Earlier)
        {
            List<string> lines = [.. Differences(earlier.Shards, shards), .. RingDifferences(earlier.Options, options)];
            if (lines.Count > 0)
            {
                yield return unrecorded
                    ? new FleetEvent(cluster.Version, FleetEventKind.Topology, null, $"topology, in part by a manager that keeps no record: {string.Join("; ", lines)}", lines)
                    : new FleetEvent(earlier.Ended, FleetEventKind.Topology, null, $"topology: {string.Join("; ", lines)}", lines);
            }

            (shards, options, unrecorded) = (earlier.Shards, earlier.Options, false);
        }
    }

    // Each change by the record, which tells several that were made between two readings apart; what it has no room for, and what it lacks, by what differs.
    private static IEnumerable<FleetEvent> Topology(ZKClusterInfo before, ZKClusterInfo after)
    {
        var known = before.History.Earlier.Select(static earlier => earlier.Ended).Append(before.Version).Max();
        List<FleetEvent> recorded = after.History.IsOutdated(after.Version) ? [] : [.. Topologies(after).Where(e => e.At > known).Reverse()];
        List<string> lines =
        [
            .. recorded.Count > 0 ? [] : Differences(before.Shards, after.Shards).Concat(RingDifferences(before.Options, after.Options)),
            .. Drains(before.Shards, after.Shards),
            .. OptionDifferences(before.Options, after.Options),
        ];
        if (before.Options != after.Options && recorded.Count == 0 && lines.Count == 0)
        {
            lines.Add("options changed");
        }

        return lines.Count == 0 ? recorded : recorded.Append(new FleetEvent(after.Changed * 1000, FleetEventKind.Topology, null, $"topology: {string.Join("; ", lines)}", lines));
    }

    private static IEnumerable<string> Differences(IReadOnlyList<Shard> before, IReadOnlyList<Shard> after)
    {
        foreach (var shard in after)
        {
            var earlier = before.FirstOrDefault(other => other.Name == shard.Name);
            if (earlier is null)
            {
                yield return $"shard {shard.Name} added at {shard.Addr}";
                continue;
            }

            if (earlier.Addr != shard.Addr)
            {
                yield return $"shard {shard.Name} moved from {earlier.Addr} to {shard.Addr}";
            }

            if (earlier.Weight != shard.Weight)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"weight of shard {shard.Name} changed from {earlier.Weight} to {shard.Weight}");
            }
        }

        foreach (var shard in before.Where(shard => after.All(other => other.Name != shard.Name)))
        {
            yield return $"shard {shard.Name} removed";
        }
    }

    private static IEnumerable<string> Drains(IReadOnlyList<Shard> before, IReadOnlyList<Shard> after) =>
        from shard in after
        let earlier = before.FirstOrDefault(other => other.Name == shard.Name)
        where earlier is not null && earlier.Drained != shard.Drained
        select $"shard {shard.Name} {(shard.Drained ? "is to be drained" : "is no longer drained")}";

    private static IEnumerable<string> RingDifferences(ZKClusterOptions before, ZKClusterOptions after)
    {
        if ((before.RingType, before.RingParams) != (after.RingType, after.RingParams))
        {
            yield return $"ring changed from {before.RingType} {before.RingParams} to {after.RingType} {after.RingParams}";
        }

        if ((before.HashTag, before.KeyHash) != (after.HashTag, after.KeyHash))
        {
            yield return "hash tag or key hash changed";
        }
    }

    private static IEnumerable<string> OptionDifferences(ZKClusterOptions before, ZKClusterOptions after) =>
        from option in new (string Name, string Before, string After)[]
        {
            ("failover", before.FailoverEnabled ? "on" : "off", after.FailoverEnabled ? "on" : "off"),
            ("expected checkers", Text(before.ExpectedCheckers), Text(after.ExpectedCheckers)),
            ("max dead percent", Text(before.MaxDeadPercent), Text(after.MaxDeadPercent)),
            ("flap policy", Text(before.FlapPolicy), Text(after.FlapPolicy)),
            ("clock tolerance", Text(before.ClockTolerance), Text(after.ClockTolerance)),
            ("warm return", Text(before.WarmReturn), Text(after.WarmReturn)),
        }
        where option.Before != option.After
        select $"{option.Name} changed from {option.Before} to {option.After}";

    private static string Text<T>(T value) => string.Create(CultureInfo.InvariantCulture, $"{(value is null ? "the default" : value)}");

    private static IEnumerable<FleetEvent> Line(Fleet before, Fleet after, long now)
    {
        foreach (var checker in after.Checkers.Where(checker => before.Checkers.All(other => other.Node != checker.Node)))
        {
            yield return new FleetEvent(now, FleetEventKind.Checkers, null, $"checker {checker.Name} joined", []);
        }

        foreach (var checker in before.Checkers.Where(checker => after.Checkers.All(other => other.Node != checker.Node)))
        {
            yield return new FleetEvent(now, FleetEventKind.Checkers, null, $"checker {checker.Name} left, or its session was lost", []);
        }

        if (before.Leader?.Node != after.Leader?.Node)
        {
            yield return new FleetEvent(now, FleetEventKind.Checkers, null, after.Leader is { } leader ? $"checker {leader.Name} is first in line now and decides" : "nobody decides: no checker is present", []);
        }
    }

    private static IEnumerable<FleetEvent> Votes(Fleet before, Fleet after, long now)
    {
        foreach (var checker in after.Checkers)
        {
            if (before.Checkers.FirstOrDefault(other => other.Node == checker.Node) is not { } earlier)
            {
                continue;
            }

            if (earlier.IsStale != checker.IsStale)
            {
                yield return new FleetEvent(now, FleetEventKind.Vote, null, $"the vote of checker {checker.Name} {(checker.IsStale ? "is too old to count now" : "counts again")}", []);
            }

            foreach (var shard in after.Cluster.Shards)
            {
                var (was, says) = (earlier.EntryOf(shard), checker.EntryOf(shard));
                if (was?.Status.Alive != says?.Status.Alive)
                {
                    var word = says switch { { Status.Alive: true } => "alive", { Status.Alive: false } => "dead", null => "nothing any more" };
                    yield return new FleetEvent(now, FleetEventKind.Vote, shard.Name, $"checker {checker.Name} says {word} of {shard.Name}{(says is { Error: { } error, Status.Alive: false } ? $": {error}" : "")}", []);
                }
                else if (says?.Suppressed is { } reason && was?.Suppressed is null)
                {
                    yield return new FleetEvent(now, FleetEventKind.Vote, shard.Name, $"checker {checker.Name} keeps {shard.Name} dead though it answers{(says.SuppressedUntil is { } until ? $", until {Times.OfStamp(until)}" : "")}: {reason}", []);
                }
            }
        }
    }

    private static IEnumerable<FleetEvent> Brakes(Fleet before, Fleet after, long now)
    {
        foreach (var shard in after.Cluster.Shards)
        {
            var was = before.Result.Shards.FirstOrDefault(count => count.Addr == shard.Addr)?.Hold is { IsBrake: true };
            var holds = after.CountOf(shard).Hold is { IsBrake: true };
            if (was != holds)
            {
                yield return new FleetEvent(now, FleetEventKind.Brake, shard.Name, holds ? $"the brake holds the death of {shard.Name}: {after.CountOf(shard).Why}" : $"the brake no longer holds the death of {shard.Name}", []);
            }
        }
    }

    // The record is read after the status and may be ahead of it: then it told the change already, a reading before the status does.
    private static bool IsOnRecord(Fleet fleet, string addr, bool alive, long since) =>
        fleet.Nodes.Decisions.Decisions.FirstOrDefault(decision => decision.Changes.Any(flip => flip.Addr == addr)) is { } newest
            && newest.Stamp > since && newest.Changes.Last(flip => flip.Addr == addr).Alive == alive;

    private static IEnumerable<FleetEvent> Unrecorded(Fleet before, Fleet after, HashSet<string> recorded)
    {
        foreach (var shard in after.Cluster.Shards)
        {
            var was = before.Nodes.Statuses.GetValueOrDefault(shard.Addr);
            if (after.StatusOf(shard) is { } status && !recorded.Contains(shard.Addr) && was?.Alive != status.Alive && !IsOnRecord(after, shard.Addr, status.Alive, was?.Since ?? 0))
            {
                yield return new FleetEvent(status.Since, FleetEventKind.Unrecorded, shard.Name, $"{shard.Name} is {(status.Alive ? "alive" : "dead")} by the status, without a record of why", []);
            }
        }
    }
}
