using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>
/// What a checker does, one step at a time: each compares what is with what should be, in order: topology, own node, vote, place in line, and,
/// in the first place, the count. Nothing is remembered that a lost event could make wrong. Called by one actor alone, but for what is told to it.
/// </summary>
internal sealed class CheckerSteps
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(1);

    // A checker that is taken up so much later than it was due was paused itself, or starved. A step may take as long in any case: a starved machine would
    // otherwise get nothing done where votes are refreshed often.
    private static readonly TimeSpan PauseLimit = TimeSpan.FromSeconds(1);

    private readonly IZNodeStore _client;
    private readonly StepStore _step;
    private readonly IShardObserver _observer;
    private readonly ZKCheckerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly string _id;
    private readonly Action _wake;
    private readonly CheckedTopology _topology;
    private readonly MassFailureHold _distrust;
    private readonly AbstentionLog _abstentions;
    private readonly VoterNode _voter;
    private readonly Candidacy _candidacy;
    private readonly RejoinPause _rejoin;
    private readonly ClockWatch _clock;
    private ClockReading? _clockRead;
    private readonly TimeSpan _recountInterval;
    private readonly TimeSpan _freshFor;
    private readonly List<IAsyncDisposable> _watches = [];

    private volatile bool _topologyDirty = true;
    private volatile bool _wasSuspended;
    private int _epoch;
    private int _connection;
    private (long Since, TimeSpan Pause)? _due;
    private (string Node, Task<WatchedEvent> Gone)? _ownNode;
    private volatile string? _trouble;

    /// <summary>Prepares the steps.</summary>
    /// <param name="client">ZooKeeper.</param>
    /// <param name="options">The checker's options.</param>
    /// <param name="observer">Who looks at the shards.</param>
    /// <param name="wake">Called when a step is due; must not block, and must not take the step itself.</param>
    /// <param name="logger">Is told what happens.</param>
    /// <param name="rule">How votes are counted (default: <see cref="Ballot.Count"/>).</param>
    public CheckerSteps(IZNodeStore client, ZKCheckerOptions options, IShardObserver observer, Action wake, ILogger logger, Func<BallotPaper, BallotResult>? rule = null)
    {
        _client = client;
        _observer = observer;
        _options = options;
        _time = options.TimeProvider;
        _logger = logger;
        _name = options.ClusterName;
        _id = options.CheckerId ?? CheckerIdentity.Make(Environment.MachineName, options.Random);
        _wake = wake;
        _recountInterval = options.LongestBetweenCounts;
        _freshFor = options.FreshFor;
        _step = new StepStore(client, _time, options.VoteRefresh > PauseLimit ? options.VoteRefresh : PauseLimit);
        _topology = new CheckedTopology(_step, _name, observer, _time, logger);
        _distrust = new MassFailureHold(_step, options, logger);
        _abstentions = new AbstentionLog(_name, logger);
        _voter = new VoterNode(_step, _name, _id, _time, options.VoteRefresh, logger);
        var round = new DecisionRound(_step, options, logger) { Rule = rule ?? Ballot.Count };
        var history = new HistoryRepair(_step, _name, _time, logger);
        var standIn = new StandIn(_step, _name, round, _time, options.LeaderGrace, logger);
        _candidacy = new Candidacy(_step, _name, _voter, round, standIn, history, wake, _time, _recountInterval, logger);
        _rejoin = new RejoinPause(_name, _time, options.Random, logger);
        _clock = new ClockWatch("zookeeper", _name);
        Pulse = new CheckerPulse(_time, _recountInterval, _id);
    }

    /// <summary>What it leaves behind for whoever asks how it is doing.</summary>
    public CheckerPulse Pulse { get; }

    /// <summary>Whether this checker is first in line and has counted.</summary>
    public bool IsLeading => _candidacy.IsLeading;

    /// <summary>The name of the own node, or null.</summary>
    public string? Node => _voter.Node;

    /// <summary>How long ago a vote was written, or null.</summary>
    public TimeSpan? SinceVoteWritten => _voter.SinceWritten;

    /// <summary>What keeps it from doing its work, or null.</summary>
    public string? Trouble => _trouble;

    /// <summary>Takes one step; no failure of ZooKeeper or of a shard ends it.</summary>
    /// <returns>When the next step is due if nothing wakes before.</returns>
    public async Task<TimeSpan> TakeAsync(CancellationToken cancellationToken)
    {
        NotePause();
        _distrust.NoteDeaths(_observer.Observations);
        var next = RetryPause;
        try
        {
            if (_client.Session is { State: SessionState.Connected } session)
            {
                _step.Begin(session);
                if (await StepAsync(session, cancellationToken).ConfigureAwait(false))
                {
                    _trouble = null;
                }
            }

            return next = NextDue();
        }
        catch (ZooKeeperException e) when (e.Code is ZooKeeperErrorCode.ConnectionLoss or ZooKeeperErrorCode.SessionExpired)
        {
            // The session's change of state is logged and wakes; what the lost replies did is looked up then.
            _voter.Doubt();
            if (_step.IsHeldUp)
            {
                Tell(e.Message);
            }

            return next;
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            // The own node, localstatus or the cluster went in mid-step: start over from the top.
            LoseNode();
            Tell(e.Message);
            return next;
        }
        catch (Exception e) when (e is ZooKeeperException or RingKeeperException)
        {
            Tell(e.Message);
            return next = TroublePause;
        }
        finally
        {
            _due = (_time.GetTimestamp(), next);
            Pulse.NoteStep();
        }
    }

    /// <summary>Hears of a change of the session. Safe to call at any time.</summary>
    public void HearSession(SessionSnapshot session)
    {
        Log.CheckerSession(_logger, _name, $"{session.State} (0x{session.SessionId:x}, {session.Server})");
        if (session.State != SessionState.Connected)
        {
            _wasSuspended = true;
            _candidacy.Doubt();
        }

        _wake();
    }

    /// <summary>Deletes the own node, after the last step.</summary>
    public Task WithdrawAsync(CancellationToken cancellationToken)
    {
        // A node of an earlier session has gone with it.
        if (_client.Session is not { State: SessionState.Connected } session || session.Epoch != _epoch)
        {
            _voter.Forget();
            return Task.CompletedTask;
        }

        _step.Begin(session);
        return _voter.WithdrawAsync(cancellationToken);
    }

    /// <summary>Leaves office and drops the watches, after the last step.</summary>
    public async Task EndAsync()
    {
        await _candidacy.LeaveOfficeAsync().ConfigureAwait(false);
        foreach (var watch in _watches)
        {
            await watch.DisposeAsync().ConfigureAwait(false);
        }

        _watches.Clear();
    }

    // Armed before the first read, so that no change falls in between; they outlive sessions.
    private async Task ArmAsync(CancellationToken cancellationToken)
    {
        if (_watches.Count == 0)
        {
            _watches.Add(await _client.WatchAsync(ZKPaths.Cluster(_name), WatchMode.Persistent, HearCluster, cancellationToken).ConfigureAwait(false));
        }

        if (_watches.Count == 1)
        {
            _watches.Add(await _client.WatchAsync(ZKPaths.Status(_name), WatchMode.Persistent, HearStatus, cancellationToken).ConfigureAwait(false));
        }
    }

    // Children of the cluster's node come and go with its first vote and decision; they are no change of the topology.
    private void HearCluster(WatchedEvent change) => Hear(changesTopology: change.Type != WatchedEventType.NodeChildrenChanged);

    // Only a manager that deletes the cluster deletes the status; a Go one leaves half of it, for which no status may be made anew.
    private void HearStatus(WatchedEvent change) => Hear(changesTopology: change.Type == WatchedEventType.NodeDeleted);

    private void Hear(bool changesTopology)
    {
        // Only ever raised here: two watches are heard at once, and one must not write back what it read before the other.
        if (changesTopology)
        {
            _topologyDirty = true;
        }

        _candidacy.NoteChange();
        _wake();
    }

    // False: there is no cluster to vote for.
    private async Task<bool> StepAsync(SessionSnapshot session, CancellationToken cancellationToken)
    {
        if (session.Epoch != _epoch)
        {
            Forget();
            _rejoin.End();
            await _candidacy.ForgetAsync().ConfigureAwait(false);
            _epoch = session.Epoch;
        }

        if (_wasSuspended || session.Connection != _connection)
        {
            // The vote may be old by now, and what happened meanwhile may have been missed: written anew first thing, then all is looked at.
            (_wasSuspended, _connection) = (false, session.Connection);
            _voter.Doubt();
            _candidacy.NoteChange();
        }

        await ArmAsync(cancellationToken).ConfigureAwait(false);
        if (_topologyDirty && !await TryReadTopologyAsync(cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        if (_rejoin.IsUnderWay())
        {
            return true;
        }

        var vote = await DraftVoteAsync(cancellationToken).ConfigureAwait(false);
        if (await _voter.EnsureRegisteredAsync(vote, _topology.Cluster!.Acl, cancellationToken).ConfigureAwait(false) is { } trouble)
        {
            // Told by whoever found it.
            _trouble = trouble;
            return false;
        }

        if (_ownNode is not { Gone.IsCompleted: false } watched || watched.Node != _voter.Node)
        {
            var own = await _client.GetChildrenAndWatchAsync(ZKPaths.Vote(_name, _voter.Node!), cancellationToken).ConfigureAwait(false);
            _ownNode = (_voter.Node!, own.Changed);
            _candidacy.WakeWhen(own.Changed);
        }

        if (!await _voter.TryPublishAsync(vote, cancellationToken).ConfigureAwait(false))
        {
            Pulse.NoteVote(null);
            if (_voter.Node is null)
            {
                LoseNode();
            }

            await _candidacy.LeaveOfficeAsync().ConfigureAwait(false);
            _wake();
            return true;
        }

        Pulse.NoteVote(vote);
        CompareClocks();
        switch (await _candidacy.TakePlaceAsync(session, _topology.Cluster, vote, cancellationToken).ConfigureAwait(false))
        {
            case RoundOutcome.TopologyChanged:
                _topologyDirty = true;
                _wake();
                break;
            case RoundOutcome.NotLeading:
                // The own node is gone, or not first and its own any more: register anew.
                LoseNode();
                _wake();
                break;
        }

        return true;
    }

    private async Task<VoteDraft> DraftVoteAsync(CancellationToken cancellationToken)
    {
        var seen = _topology.Look();
        var held = await _distrust.LookAsync(seen.Values.Select(static s => s.Known), _freshFor, _voter.Node, _id, cancellationToken).ConfigureAwait(false);
        var vote = VoteDraft.Of(_topology.Cluster!.Shards, seen, held, _id, Stamps.Now(_time), _freshFor);
        _abstentions.Tell(vote);
        return vote;
    }

    // Stamps come from leaders' clocks, and any checker may lead.
    private void CompareClocks()
    {
        if (_voter.ClockReading is not { } reading || reading == _clockRead)
        {
            return;
        }

        _clockRead = reading;
        var tolerance = CopyRules.Of(_topology.Cluster!.Options).ClockTolerance;
        switch (_clock.Hear(reading, tolerance))
        {
            case ClockChange.Begins:
                Log.ClockDiffers(_logger, _name, reading.Difference.TotalMilliseconds, reading.Uncertainty.TotalMilliseconds, tolerance.TotalMilliseconds);
                break;
            case ClockChange.Ends:
                Log.ClockAgrees(_logger, _name, reading.Difference.TotalMilliseconds);
                break;
        }
    }

    private void NotePause()
    {
        if (_due is { } due && _time.GetElapsedTime(due.Since) - due.Pause is var late && late > PauseLimit)
        {
            Log.OwnPause(_logger, _name, late.TotalSeconds);
            _voter.Doubt();
            _candidacy.NoteChange();
        }
    }

    private TimeSpan NextDue()
    {
        var rejoin = _rejoin.Left is { Ticks: > 0 } pause ? pause : (TimeSpan?)null;
        var dues = new[] { rejoin, rejoin is null ? _candidacy.NextLook : null, rejoin is null ? _distrust.NextLook : null, _client.Session.State == SessionState.Connected ? _voter.RefreshLeft : null };
        return dues.OfType<TimeSpan>().Append(_recountInterval).Min();
    }

    // False: there is no cluster to vote for.
    private async Task<bool> TryReadTopologyAsync(CancellationToken cancellationToken)
    {
        // Lowered before the read, so that a change during it is not lost.
        _topologyDirty = false;
        try
        {
            if (await _topology.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                _voter.ForgetCluster();
                Pulse.NoteVote(null);
                _rejoin.End();
                await _candidacy.ForgetAsync().ConfigureAwait(false);
            }
        }
        catch
        {
            _topologyDirty = true;
            throw;
        }

        if (_topology.Cluster is not null)
        {
            return true;
        }

        _topologyDirty = true;
        Tell($"cluster '{_name}' is gone from ZooKeeper; it is checked again as soon as it is created");
        return false;
    }

    private void Forget()
    {
        _voter.Forget();
        Pulse.NoteVote(null);
    }

    // Whoever stood behind it may have unseated it; or the cluster went, which is looked up before the pause is told.
    private void LoseNode()
    {
        Forget();
        _candidacy.Doubt();
        _rejoin.Begin();
        _topologyDirty = true;
    }

    private void Tell(string trouble)
    {
        if (_trouble != trouble)
        {
            Log.CheckerWaits(_logger, _name, trouble);
            _trouble = trouble;
        }
    }
}
