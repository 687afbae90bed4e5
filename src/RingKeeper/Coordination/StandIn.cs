using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>
/// The part of the next two in line: they count too. A decision that has been due for their place times the grace, the same all the while,
/// they publish themselves, and unseat whoever stood before them and did not act. Nobody is unseated but by the decision that was due, and no
/// Go program ever. Used by the checker's loop alone.
/// </summary>
internal sealed class StandIn(IZNodeStore client, string name, DecisionRound round, TimeProvider time, TimeSpan grace, ILogger logger)
{
    /// <summary>How many behind the leader count.</summary>
    public const int Places = 2;

    private (string Decision, long Since)? _due;

    /// <summary>When to look again though nothing happens; null while no decision is due.</summary>
    public TimeSpan? NextLook { get; private set; }

    /// <summary>Forgets what was due.</summary>
    public void Forget() => (_due, NextLook) = (null, null);

    /// <summary>Counts, and acts if the leader did not.</summary>
    /// <returns>Settled, or that the cluster has to be read again first.</returns>
    public async Task<RoundOutcome> RunAsync(int place, string ownNode, ZKClusterInfo topology, CancellationToken cancellationToken)
    {
        NextLook = null;
        if (await round.CountAsync(ownNode, place, topology, cancellationToken).ConfigureAwait(false) is not { } count)
        {
            return RoundOutcome.TopologyChanged;
        }

        if (count.Result.Flips.IsEmpty || !IsInPlace(count, place, ownNode))
        {
            _due = null;
            NextLook = round.NextLook;
            return RoundOutcome.Settled;
        }

        var decision = string.Join(',', count.Result.Flips.Select(f => $"{f.Addr} {f.Kind}").Prepend($"{place} {count.Votes[0].Node}"));
        if (_due?.Decision != decision)
        {
            _due = (decision, time.GetTimestamp());
        }

        var left = (grace * place) - time.GetElapsedTime(_due.Value.Since);
        if (left > TimeSpan.Zero)
        {
            NextLook = left;
            return RoundOutcome.Settled;
        }

        var before = count.Votes.Take(place).ToList();
        _due = null;
        if (await round.TryPublishAsync(count, count.Votes[place], before, attempt: 1, cancellationToken).ConfigureAwait(false))
        {
            Log.LeaderUnseated(logger, name, string.Join(", ", before.Select(v => v.Node)), (grace * place).TotalMilliseconds);
        }
        else
        {
            // Something moved, most likely the leader itself: it has its time again.
            NextLook = grace;
        }

        return RoundOutcome.Settled;
    }

    private bool IsInPlace(CountedRound count, int place, string ownNode) =>
        count.Votes.Count > place && count.Votes[place].Node == ownNode && count.Votes[place].Owner == client.Session.SessionId
        && count.Votes.Take(place).All(v => v.Kind == VoterKind.RingKeeper);
}
