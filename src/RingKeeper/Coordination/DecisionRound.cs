using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>What came of a leader's count.</summary>
internal enum RoundOutcome
{
    /// <summary>The status is as the votes want it.</summary>
    Settled,

    /// <summary>This checker's node is not the first one, or not its own any more.</summary>
    NotLeading,

    /// <summary>The cluster was changed; read it again first.</summary>
    TopologyChanged,
}

/// <summary>A count and everything it rests on, as it was read.</summary>
internal sealed record CountedRound(BallotNodes Nodes, IReadOnlyList<Acl>? Acl, long At, BallotResult Result)
{
    public IReadOnlyList<Vote> Votes => Nodes.Votes;
}

/// <summary>
/// The leader's count: reads everything the decision rests on and publishes it in one multi that checks that all of it still stands,
/// so that a paused, cut-off or replaced leader cannot write. Any mismatch: read again and recount.
/// </summary>
internal sealed class DecisionRound(IZNodeStore client, ZKCheckerOptions options, ILogger logger)
{
    private const int PatientAttempts = 3;
    private const int MaxAttempts = 20;
    private static readonly TimeSpan PruneAfter = TimeSpan.FromHours(1);

    private readonly string _name = options.ClusterName;
    private readonly TimeProvider _time = options.TimeProvider;
    private readonly BallotReader _reader = new(client, options.ClusterName, options.TimeProvider, logger);
    private readonly CountMemory _memory = new(options, logger);

    /// <summary>Counts; the rule is <see cref="Ballot.Count"/>, and whoever puts another in its place wants to see what that breaks.</summary>
    public Func<BallotPaper, BallotResult> Rule { get; init; } = Ballot.Count;

    /// <summary>When to count again though nothing happens; null while nothing is held.</summary>
    public TimeSpan? NextLook { get; private set; }

    public async Task<RoundOutcome> RunAsync(string ownNode, long sessionId, ZKClusterInfo topology, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await CountAsync(ownNode, place: 0, topology, cancellationToken).ConfigureAwait(false) is not { } count)
            {
                return RoundOutcome.TopologyChanged;
            }

            if (count.Votes.Count == 0 || count.Votes[0].Node != ownNode || count.Votes[0].Owner != sessionId)
            {
                return RoundOutcome.NotLeading;
            }

            if (!count.Result.IsChange || await TryPublishAsync(count, count.Votes[0], [], attempt, cancellationToken).ConfigureAwait(false))
            {
                return RoundOutcome.Settled;
            }
        }
    }

    /// <summary>Reads and counts; null where the cluster is not the one that is known.</summary>
    /// <param name="ownNode">The node of who counts: the mtime of its newest write is the reference time.</param>
    /// <param name="place">Its place in line, 0 for the leader.</param>
    /// <param name="topology">The cluster.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<CountedRound?> CountAsync(string ownNode, int place, ZKClusterInfo topology, CancellationToken cancellationToken)
    {
        NextLook = null;
        if (await _reader.ReadAsync(topology, cancellationToken).ConfigureAwait(false) is not { } nodes)
        {
            return null;
        }

        _memory.Enter(nodes, ownNode, place);
        var reference = nodes.Votes.FirstOrDefault(v => v.Node == ownNode)?.Mtime ?? 0;
        var paper = new BallotPaper(topology.Shards, nodes.Statuses, nodes.Votes, topology.Options.ExpectedCheckers, topology.Stamp, Stamps.Now(_time))
        {
            ReferenceTime = reference,
            SinceReference = _memory.SinceOwnWrite,
            VoteRefresh = options.VoteRefresh,
            MaxDeadPercent = topology.Options.MaxDeadPercent ?? 50,
            StampGap = topology.Options.StampGap,
            TopologyTime = HistoryRules.InEffect(topology, nodes.Statuses.Values).Newest,
            BrakeHold = options.BrakeHold,
            SingleBrakeHold = 3 * options.Threshold,
            Standing = _memory.Standing,
            OfficeHold = topology.Options.ExpectedCheckers is null ? _memory.OfficeLeft : TimeSpan.Zero,
            Decisions = nodes.Decisions.Decisions,
            Published = _memory.Published,
            MayPrune = _time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(nodes.Cluster.Mtime) >= PruneAfter,
        };
        var result = Rule(paper);
        _memory.Note(result);
        NextLook = result.NextLook;
        return new CountedRound(nodes, topology.Acl, paper.Present, result);
    }

    /// <summary>Builds the fenced write: own node, the cluster and every vote it rests on must stand as they were read.</summary>
    internal static List<ZooKeeperOp> FencedWrite(string name, BallotResult result, Vote own, int clusterVersion, int? statusVersion, IReadOnlyList<Acl>? acl = null)
    {
        var data = ZNodeCodec.EncodeStatuses(result.Status);
        List<ZooKeeperOp> operations = [ZooKeeperOp.Check(ZKPaths.Cluster(name), clusterVersion)];
        if (!result.RestsOn.Contains(own))
        {
            operations.Add(ZooKeeperOp.Check(ZKPaths.Vote(name, own.Node), own.Version));
        }

        if (statusVersion is null)
        {
            // What is left of a cluster that a Go manager deleted gets no status again.
            operations.Add(ZooKeeperOp.Check(ZKPaths.Shards(name)));
        }

        operations.AddRange(result.RestsOn.Select(v => ZooKeeperOp.Check(ZKPaths.Vote(name, v.Node), v.Version)));
        operations.Add(statusVersion is { } version
            ? ZooKeeperOp.SetData(ZKPaths.Status(name), data, version)
            : ZooKeeperOp.Create(ZKPaths.Status(name), data, acl: acl));
        return operations;
    }

    /// <summary>Writes the outcome of a count and the record of it, together with the deletion of the nodes that it unseats.</summary>
    /// <returns>False if anything it rests on has changed: count again.</returns>
    public async Task<bool> TryPublishAsync(CountedRound count, Vote own, IReadOnlyList<Vote> unseated, int attempt, CancellationToken cancellationToken)
    {
        var (nodes, result) = (count.Nodes, count.Result);
        var operations = FencedWrite(_name, result, own, nodes.Cluster.Version, nodes.Status?.Stat.Version, count.Acl);
        if (nodes.LineVersion is { } line && !result.Flips.IsEmpty)
        {
            // Whoever has joined since would be missing in the denominator.
            operations.Insert(0, ZooKeeperOp.Check(ZKPaths.LocalStatus(_name), line));
        }

        operations.AddRange(RecordOf(count, own, unseated));
        operations.AddRange(unseated.Select(v => ZooKeeperOp.Delete(ZKPaths.Vote(_name, v.Node), v.Version)));
        try
        {
            await client.MultiAsync(operations, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperMultiException e) when (attempt < MaxAttempts && e.Code is ZooKeeperErrorCode.BadVersion or ZooKeeperErrorCode.NoNode or ZooKeeperErrorCode.NodeExists)
        {
            Log.Recount(logger, _name, e.Message);
            if (attempt >= PatientAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10 + (40 * options.Random.NextDouble())), _time, cancellationToken).ConfigureAwait(false);
            }

            return false;
        }

        _memory.Remember(result.Status);
        Tell(result);
        return true;
    }

    // The record goes with the decision or not at all; what only mends the status is none.
    private IEnumerable<ZooKeeperOp> RecordOf(CountedRound count, Vote own, IReadOnlyList<Vote> unseated)
    {
        if (count.Result.Flips.IsEmpty)
        {
            return [];
        }

        var known = count.Nodes.Decisions;
        var decision = new Decision(count.At, count.Result.Stamp, own.Node, own.Checker, count.Result.Flips) { Unseated = [.. unseated.Select(static v => v.Node)] };
        var data = DecisionsNode.Encode(decision, known.Decisions);
        return [known.Version is { } version ? ZooKeeperOp.SetData(ZKPaths.Decisions(_name), data, version) : ZooKeeperOp.Create(ZKPaths.Decisions(_name), data, acl: count.Acl)];
    }

    private void Tell(BallotResult result)
    {
        if (result.Raised.Length > 0)
        {
            Log.SinceRaised(logger, _name, string.Join(", ", result.Raised));
        }

        if (result.Restored.Length > 0)
        {
            Log.RunsRestored(logger, _name, string.Join(", ", result.Restored));
        }

        foreach (var addr in result.Pruned)
        {
            Log.Pruned(logger, _name, addr);
        }

        foreach (var flip in result.Flips)
        {
            Log.Decided(logger, _name, flip.ToString());
            CheckerCounts.Decided(_name, flip.Kind);
        }
    }
}
