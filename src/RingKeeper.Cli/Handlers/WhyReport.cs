using System.Collections.Immutable;
using System.Globalization;

namespace RingKeeper.Cli.Handlers;

/// <summary>What <c>why</c> tells of one shard. Pure.</summary>
/// <param name="fleet">The cluster and its checkers.</param>
/// <param name="shard">The shard.</param>
internal sealed class WhyReport(Fleet fleet, Shard shard)
{
    private const int MostDecisions = 5;
    private const long MicrosecondsToTell = 500_000;

    private readonly ShardCount _count = fleet.CountOf(shard);

    // By their address, under which they were made: a name may have belonged to another server then.
    private readonly IReadOnlyList<(Decision Decision, Flip Flip)> _decisions =
        [.. fleet.Nodes.Decisions.Decisions.SelectMany(static decision => decision.Changes.Select(flip => (decision, flip))).Where(pair => pair.flip.Addr == shard.Addr)];

    /// <summary>Tells it in lines.</summary>
    public IEnumerable<string> Tell() => [.. TellState(), .. TellCount(), .. TellVotes(), .. TellDecisions()];

    public object ToShape() => new
    {
        Cluster = fleet.Cluster.Name,
        Leader = fleet.Leader is { } leader ? new { leader.Node, Id = leader.Checker, leader.Kind } : null,
        Mixture = fleet.DescribeMixture(),
        Shard = ShardShape.Of(fleet, shard),
        Checkers = fleet.Checkers.Select(checker => new
        {
            checker.Node,
            Id = checker.Checker,
            checker.Kind,
            checker.Leads,
            checker.Counts,
            checker.IsReadable,
            checker.IsStale,
            checker.AgeSeconds,
            Says = VoteShape.Of(shard, checker.EntryOf(shard)),
        }),
        Decisions = _decisions.Select(static pair => new
        {
            At = pair.Decision.At * 1000,
            pair.Decision.Stamp,
            pair.Decision.Node,
            Id = pair.Decision.Checker,
            Unseated = List(pair.Decision.Unseated),
            pair.Flip.Kind,
            pair.Flip.Was,
            pair.Flip.Alive,
            pair.Flip.Count.Why,
            Votes = new CountShape(pair.Flip.Count.Alive, pair.Flip.Count.Dead, pair.Flip.Count.Abstaining, pair.Flip.Count.Stale, pair.Flip.Count.Denominator, pair.Flip.Count.Needed),
            Evidence = List(pair.Flip.Count.Votes).Select(static vote => new { vote.Node, Id = vote.Checker, Alive = vote.Says, vote.IsStale, AgeSeconds = vote.AgeMilliseconds / 1000.0, vote.Error, RttUs = vote.RttMicroseconds, vote.RunId }),
        }),
        DecisionsTrouble = fleet.Nodes.Decisions.Trouble,
    };

    private IEnumerable<string> TellState()
    {
        var status = fleet.StatusOf(shard);
        var state = status is null ? "undecided" : $"{(status.Alive ? "alive" : "dead")} since {Times.OfStamp(status.Since)}";
        yield return $"shard {shard.Name} ({shard.Addr}) of cluster {fleet.Cluster.Name}: {state}{(status?.RunId is { } run ? $", run {run}" : "")}{(status?.Role is { } role ? $", {role}" : "")}";
        if (shard.Drained)
        {
            yield return $"it is drained: dead whatever the votes say, until 'ringkeeper shard undrain {fleet.Cluster.Name} {shard.Name}'";
        }

        if (status is { Alive: true, RunId: null })
        {
            yield return "its restarts go unnoticed: the status does not say whose run it is";
        }

        if (fleet.DescribeMixture() is { } mixture)
        {
            yield return mixture;
        }
    }

    private IEnumerable<string> TellCount()
    {
        yield return $"now: it {_count.Why}";
        if (fleet.Leader is not { } leader)
        {
            yield return "nobody decides: no checker is present";
            yield break;
        }

        if (fleet.DueOf(shard) is not null)
        {
            yield return leader.Kind == VoterKind.Go
                ? $"that is due; {leader.Node}, a Go checker, decides, and nobody in its place"
                : $"that is due, and {leader.Node} publishes it within moments; else the next in line does";
        }

        if (_count.Hold is { IsBrake: true } hold)
        {
            yield return $"held by the brake, counted from when the majority arose{MajoritySince(hold)}; --max-dead-percent 100 would never hold";
        }
    }

    // The leader knows by its own clock; from outside the checkers' own times are all there is.
    private string MajoritySince(Hold hold)
    {
        var dead = fleet.Checkers.Where(static checker => checker.Counts && !checker.IsStale).Select(checker => checker.EntryOf(shard)?.Status)
            .OfType<ShardStatus>().Where(static status => !status.Alive).Select(static status => status.Since).Order().ToList();
        return dead.Count < _count.Needed
            ? ""
            : $", about {Times.OfStamp(dead[_count.Needed - 1])} by the checkers' clocks, so until about {Times.OfStamp(dead[_count.Needed - 1] + (hold.Left.Ticks / TimeSpan.TicksPerMicrosecond))}";
    }

    private IEnumerable<string> TellVotes()
    {
        yield return $"checkers: {fleet.Checkers.Count} present{(fleet.Cluster.Options.ExpectedCheckers is { } expected ? $" of {expected} expected" : "")}, {_count.Needed} of {_count.Denominator} are a majority";
        foreach (var checker in fleet.Checkers)
        {
            yield return $"  {checker.Name}, {checker.Program}: {Say(checker)}";
        }
    }

    private string Say(FleetChecker checker)
    {
        if (!checker.IsReadable)
        {
            return "its vote cannot be read and does not count";
        }

        if (!checker.Counts)
        {
            return "does not count: a newer vote of the same checker does";
        }

        var age = $"vote {Fleet.Seconds(checker.AgeSeconds)} old{(checker.IsStale ? ", too old to count" : "")}";
        if (checker.EntryOf(shard) is not { } entry)
        {
            return $"abstains, {age}; its log and /readyz say why";
        }

        List<string> parts = [$"{(entry.Status.Alive ? "alive" : "dead")} since {Times.OfStamp(entry.Status.Since)}", age];
        if (entry.Error is { } error)
        {
            parts.Add($"last bad answer: {error}");
        }

        if (entry.RttMicroseconds is { } rtt)
        {
            parts.Add($"round trip {Milliseconds(rtt)}{(entry.RttDeviationMicroseconds is { } deviation ? $" ± {Milliseconds(deviation)}" : "")}");
        }

        if (entry.Status is { Alive: true, RunId: { } run } && run != fleet.StatusOf(shard)?.RunId)
        {
            parts.Add($"run {run}");
        }

        if (entry.Suppressed is { } reason)
        {
            parts.Add($"keeps it dead{(entry.SuppressedUntil is { } until ? $" until {Times.OfStamp(until)}" : "")}: {reason}");
        }

        return string.Join(", ", parts);
    }

    private IEnumerable<string> TellDecisions()
    {
        if (fleet.Nodes.Decisions.Trouble is { } trouble)
        {
            yield return $"decisions: {trouble}";
        }
        else if (_decisions.Count == 0)
        {
            yield return fleet.StatusOf(shard) is null ? "decisions: none yet" : "decisions: none on record; a Go checker or an earlier version made it, or it was too long ago";
        }
        else
        {
            yield return $"decisions{(_decisions.Count > MostDecisions ? $", the last {MostDecisions} of {_decisions.Count}" : "")}:";
        }

        foreach (var (decision, flip) in _decisions.Take(MostDecisions))
        {
            var unseated = List(decision.Unseated) is { Length: > 0 } nodes ? $", in place of {string.Join(", ", nodes)}, which left it undone" : "";
            // Stamps are a second apart at least, so that after several decisions in a row one can lie ahead of its own. A drained shard has that of the drain.
            var epoch = flip.Kind != DecisionKind.Drain && decision.Stamp - (decision.At * 1000) >= MicrosecondsToTell ? $" (epoch {Times.OfStamp(decision.Stamp)})" : "";
            yield return $"  {Times.OfStamp(decision.At * 1000)}: {flip.Count.Why}{epoch}; published by {decision.Node}{(decision.Checker is { } id ? $" ({id})" : "")}{unseated}";
            foreach (var vote in List(flip.Count.Votes))
            {
                yield return $"    {FleetEvents.Tell(vote)}";
            }
        }
    }

    // A field that a record leaves out.
    private static ImmutableArray<T> List<T>(ImmutableArray<T> items) => items.IsDefault ? [] : items;

    private static string Milliseconds(long microseconds) => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1000.0:0.00} ms");
}
