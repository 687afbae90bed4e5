using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>
/// Keeps a checker from voting all its shards dead while the others see them alive: asks the others once when all failed at once, then again each
/// interval for as long as it withholds its verdicts, which ends when a shard answers, when the others agree, or after the hold. A network does not come back to
/// all shards in one moment, so after the first answer those that still fail have as long again. Used by the checker's loop alone.
/// </summary>
internal sealed class MassFailureHold(IZNodeStore client, ZKCheckerOptions options, ILogger logger)
{
    private readonly TimeProvider _time = options.TimeProvider;
    private readonly LineReader _line = new(client, options.ClusterName);
    private readonly Dictionary<string, long> _diedAt = new(StringComparer.Ordinal);

    // One from the moment at which all had failed until a shard answers; once over, the verdicts are voted.
    private (long Since, bool Holds, bool IsOver)? _episode;

    // What was withheld last, and since when a shard answers again.
    private ImmutableHashSet<string> _withheld = HeldVerdicts.None.Addrs;
    private long? _answersSince;

    /// <summary>When to look again though nothing happens; null while nothing is withheld.</summary>
    public TimeSpan? NextLook { get; private set; }

    /// <summary>Notes which shards are dead, as often as anything happens and whether or not ZooKeeper is there: when each died counts.</summary>
    public void NoteDeaths(IReadOnlyDictionary<string, ShardObservation> known)
    {
        foreach (var addr in _diedAt.Keys.Where(a => !known.TryGetValue(a, out var shard) || !MassFailurePolicy.IsFailing(shard)).ToList())
        {
            _diedAt.Remove(addr);
        }

        foreach (var shard in known.Values.Where(MassFailurePolicy.IsFailing))
        {
            _diedAt.TryAdd(shard.Addr, _time.GetTimestamp());
        }
    }

    /// <summary>Tells which verdicts are not to be voted now.</summary>
    public async Task<HeldVerdicts> LookAsync(IEnumerable<ShardObservation> known, TimeSpan window, string? ownNode, string checkerId, CancellationToken cancellationToken)
    {
        NextLook = null;
        var shards = known.ToList();
        var failed = MassFailurePolicy.FailedAtOnce(shards, _diedAt.ToDictionary(static d => d.Key, d => _time.GetElapsedTime(d.Value), StringComparer.Ordinal), window);
        if (failed.IsEmpty)
        {
            if (_episode is { Holds: true, IsOver: false })
            {
                _answersSince = _time.GetTimestamp();
            }

            _episode = null;
            return HoldAfter(shards, window);
        }

        _answersSince = null;
        var episode = _episode ?? (_time.GetTimestamp(), false, false);
        var left = options.BrakeHold - _time.GetElapsedTime(episode.Since);
        if (!episode.IsOver && left > TimeSpan.Zero && await AskAsync(failed, ownNode, checkerId, cancellationToken).ConfigureAwait(false) is { } contradiction)
        {
            _episode = episode with { Holds = true };
            NextLook = options.Interval < left ? options.Interval : left;
            _withheld = failed;
            return new HeldVerdicts(failed, $"all shards failed at once for this checker, while most others call at least one of them alive ({contradiction.Addr})");
        }

        if (episode is { Holds: true, IsOver: false })
        {
            Log.DistrustEnded(logger, options.ClusterName, _time.GetElapsedTime(episode.Since).TotalSeconds, left > TimeSpan.Zero ? "the others do not call any of them alive any more" : "it has lasted for BrakeHold");
        }

        _episode = episode with { IsOver = true };
        return HeldVerdicts.None;
    }

    private HeldVerdicts HoldAfter(IEnumerable<ShardObservation> known, TimeSpan window)
    {
        if (_answersSince is not { } since || window - _time.GetElapsedTime(since) is not { Ticks: > 0 } left)
        {
            return HeldVerdicts.None;
        }

        // One that has answered is done with: if it dies now, that is a death of its own.
        _withheld = _withheld.Intersect(known.Where(static k => k.Alive == false || MassFailurePolicy.IsFailing(k)).Select(static k => k.Addr));
        NextLook = _withheld.IsEmpty ? null : left;
        return _withheld.IsEmpty ? HeldVerdicts.None : new HeldVerdicts(_withheld, "all shards had failed at once for this checker, and this one has not answered it yet");
    }

    private async Task<(string Addr, int Alive, int Votes)?> AskAsync(IEnumerable<string> failed, string? ownNode, string checkerId, CancellationToken cancellationToken)
    {
        try
        {
            var (nodes, _) = await _line.ReadAsync(cancellationToken).ConfigureAwait(false);
            var others = nodes.Select(static n => n.Vote).Where(v => v.Node != ownNode && v.Checker != checkerId && v.Owner != client.Session.SessionId);
            var reference = nodes.Count == 0 ? 0 : nodes.Max(static n => n.Vote.Mtime);
            return MassFailurePolicy.ContradictedBy(failed, others, reference, 3 * options.VoteRefresh);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            // Nobody has voted in this cluster yet.
            return null;
        }
    }
}
