using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>
/// A checker's place in line: behind another it watches that one alone; first in line it watches the votes and counts. Used by the
/// checker's loop alone; a watch that fires only wakes it.
/// </summary>
internal sealed class Candidacy(IZNodeStore client, string name, VoterNode voter, DecisionRound round, StandIn standIn, HistoryRepair history, Action wake, TimeProvider time, TimeSpan recountInterval, ILogger logger)
{
    private readonly ForeignLeaderWatch _foreignLeader = new(client, name, changed => PredecessorWatch.WakeWhen(changed, wake));
    private volatile bool _isLeading;
    private readonly DrainAlarm _drainAlarm = new(name, logger);

    // One that went is told on: a leader that is a Go program would not count again by itself.
    private readonly PredecessorWatch _predecessor = new(client, wake, () =>
    {
        voter.TellLeader();
        wake();
    });

    private IAsyncDisposable? _ballotBox;
    private string? _told;

    // What was heard of votes, status and cluster, and how much of it is in the last count of one who stands behind the leader.
    private long _heard;
    private (long Heard, long At, int Place)? _counted;

    // The node under which this checker took office; null while it has none.
    private string? _office;

    /// <summary>Whether this checker is first in line and has counted.</summary>
    public bool IsLeading => _isLeading && client.Session.State == SessionState.Connected;

    /// <summary>When to look again though nothing happens, or null.</summary>
    public TimeSpan? NextLook => standIn.NextLook ?? (_isLeading ? round.NextLook : null);

    /// <summary>Forgets the line: it belonged to a session or a cluster that is gone.</summary>
    public Task ForgetAsync()
    {
        _predecessor.Forget();
        _counted = null;
        _foreignLeader.Forget();
        standIn.Forget();
        return LeaveOfficeAsync();
    }

    /// <summary>Notes that the session may be gone: nothing that only a leader may do is certain.</summary>
    public void Doubt() => _isLeading = false;

    /// <summary>Notes that something a count looks at may have changed. Safe to call at any time.</summary>
    public void NoteChange() => Interlocked.Increment(ref _heard);

    /// <summary>Takes the place that the own node has, and what goes with it.</summary>
    /// <param name="session">The session the node belongs to.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="vote">The own vote, which stands in the node.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the loop has to do before it tries again; settled means nothing.</returns>
    public async Task<RoundOutcome> TakePlaceAsync(SessionSnapshot session, ZKClusterInfo cluster, VoteDraft vote, CancellationToken cancellationToken)
    {
        var children = await client.GetChildrenAsync(ZKPaths.LocalStatus(name), cancellationToken).ConfigureAwait(false);
        var line = Election.InOrder(children.Names);
        var (place, predecessor) = SequentialLine.PlaceOf(voter.Node!, line);
        if (place == 0)
        {
            return await LeadAsync(session, cluster, vote, cancellationToken).ConfigureAwait(false);
        }

        if (place < 0)
        {
            await LeaveOfficeAsync().ConfigureAwait(false);
            return RoundOutcome.NotLeading;
        }

        (_isLeading, _office) = (false, null);
        await _predecessor.WatchAsync(ZKPaths.Vote(name, predecessor!), cancellationToken).ConfigureAwait(false);
        if (await _foreignLeader.MustTellAsync(line[0], cancellationToken).ConfigureAwait(false))
        {
            voter.TellLeader();
            wake();
        }

        _drainAlarm.Tell(cluster.Shards, _foreignLeader.IsGo ? line[0] : null);
        Tell($"is number {place + 1} in line");
        if (place > StandIn.Places || !_foreignLeader.IsOurs)
        {
            standIn.Forget();
            await LeaveOfficeAsync().ConfigureAwait(false);
            return RoundOutcome.Settled;
        }

        await WatchVotesAsync(cancellationToken).ConfigureAwait(false);
        return await StandByAsync(place, cluster, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Leads no more, and watches the votes no more.</summary>
    public async Task LeaveOfficeAsync()
    {
        (_isLeading, _office) = (false, null);
        if (_ballotBox is { } box)
        {
            _ballotBox = null;
            await box.DisposeAsync().ConfigureAwait(false);
        }
    }

    // A count reads every vote, so one who stands behind the leader counts when something was heard, when a decision is due, and each recount interval.
    private async Task<RoundOutcome> StandByAsync(int place, ZKClusterInfo cluster, CancellationToken cancellationToken)
    {
        var heard = Interlocked.Read(ref _heard);
        if (standIn.NextLook is null && _counted is { } last && last.Heard == heard && last.Place == place && time.GetElapsedTime(last.At) < recountInterval)
        {
            return RoundOutcome.Settled;
        }

        _counted = null;
        var outcome = await standIn.RunAsync(place, voter.Node!, cluster, cancellationToken).ConfigureAwait(false);
        _counted = outcome == RoundOutcome.Settled ? (heard, time.GetTimestamp(), place) : null;
        return outcome;
    }

    private async Task<RoundOutcome> LeadAsync(SessionSnapshot session, ZKClusterInfo cluster, VoteDraft vote, CancellationToken cancellationToken)
    {
        standIn.Forget();
        await WatchVotesAsync(cancellationToken).ConfigureAwait(false);
        if (_office != voter.Node)
        {
            if (!await voter.TryStampAsync(vote, cancellationToken).ConfigureAwait(false))
            {
                return RoundOutcome.NotLeading;
            }

            _office = voter.Node;
        }

        var outcome = await round.RunAsync(voter.Node!, session.SessionId, cluster, cancellationToken).ConfigureAwait(false);
        if (outcome == RoundOutcome.Settled)
        {
            _isLeading = true;
            Tell("leads");
            await history.RunAsync(voter.Node!, cluster, cancellationToken).ConfigureAwait(false);
        }
        else if (outcome == RoundOutcome.NotLeading)
        {
            await LeaveOfficeAsync().ConfigureAwait(false);
        }

        return outcome;
    }

    // Armed before the count, so that no vote falls in between. It also sees localstatus being set, which is all that Go voters do.
    private async Task WatchVotesAsync(CancellationToken cancellationToken)
    {
        if (_ballotBox is null)
        {
            _ballotBox = await client.WatchAsync(ZKPaths.LocalStatus(name), WatchMode.PersistentRecursive, HearVotes, cancellationToken).ConfigureAwait(false);
        }
    }

    private void HearVotes(WatchedEvent change)
    {
        NoteChange();
        wake();
    }

    /// <summary>Wakes the loop when a one-shot watch fires.</summary>
    public void WakeWhen(Task<WatchedEvent> changed) => PredecessorWatch.WakeWhen(changed, wake);

    private void Tell(string place)
    {
        var line = $"{voter.Node} {place}";
        if (_told != line)
        {
            Log.CheckerPlace(logger, name, voter.Node!, place);
            _told = line;
        }
    }
}
