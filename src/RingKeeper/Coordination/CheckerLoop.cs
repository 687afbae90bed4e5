using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>
/// The single actor of a checker. Whatever happens (a verdict, a watch, a session change) only wakes it; each step then compares what is with
/// what should be, in order: topology, own node, vote, place in line, and, in the first place, the count. Nothing is remembered that a lost
/// event could make wrong.
/// </summary>
internal sealed class CheckerLoop
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(1);

    private readonly ZooKeeperClient _client;
    private readonly ZKCheckerOptions _options;
    private readonly LocalChecker _local;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly WakeSignal _wake;
    private readonly CheckedTopology _topology;
    private readonly VoterNode _voter;
    private readonly Candidacy _candidacy;
    private readonly CheckerPulse _pulse;
    private readonly RejoinPause _rejoin;

    private volatile bool _topologyDirty = true;
    private volatile bool _wasSuspended;
    private int _epoch;
    private (string Node, Task<WatchedEvent> Gone)? _ownNode;
    private volatile string? _trouble;

    public CheckerLoop(ZooKeeperClient client, ZKCheckerOptions options, LocalChecker local, ILogger logger)
    {
        _client = client;
        _options = options;
        _local = local;
        _logger = logger;
        _name = options.ClusterName;
        _wake = new WakeSignal(options.TimeProvider);
        _topology = new CheckedTopology(client, _name, local, options.TimeProvider, logger);
        _voter = new VoterNode(client, _name, options.TimeProvider, logger);
        var round = new DecisionRound(client, _name, options.TimeProvider, options.Random, logger);
        var history = new HistoryRepair(client, _name, options.TimeProvider, logger);
        var standIn = new StandIn(client, _name, round, options.TimeProvider, options.LeaderGrace, logger);
        _candidacy = new Candidacy(client, _name, _voter, round, standIn, history, _wake.Set, logger);
        _pulse = new CheckerPulse(options.TimeProvider, options.RecountInterval);
        _rejoin = new RejoinPause(_name, options.TimeProvider, options.Random, logger);
    }

    /// <summary>Whether this checker is first in line and has counted.</summary>
    public bool IsLeading => _candidacy.IsLeading;

    /// <summary>The name of the own node, or null.</summary>
    public string? Node => _voter.Node;

    /// <summary>How it is doing; may be asked at any time.</summary>
    public ZKCheckerHealth Health => _pulse.Describe(_voter.Node) with
    {
        Session = _client.Session.State,
        IsLeading = IsLeading,
        SinceVoteWritten = _voter.SinceWritten,
        Trouble = _trouble,
    };

    /// <summary>Runs until it is cancelled. No failure of ZooKeeper or of a shard ends it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Ends the listeners too if the loop itself fails, so that a fault is seen and not waited out.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var cluster = await ArmAsync(ZKPaths.Cluster(_name), cancellationToken).ConfigureAwait(false);
        await using var clusterLease = cluster.ConfigureAwait(false);
        var status = await ArmAsync(ZKPaths.Status(_name), cancellationToken).ConfigureAwait(false);
        await using var statusLease = status.ConfigureAwait(false);
        Task[] tasks =
        [
            StepsAsync(stop.Token),
            ListenAsync(cluster, changesTopology: true, stop.Token),
            ListenAsync(status, changesTopology: false, stop.Token),
            FollowSessionAsync(stop.Token),
            FollowVerdictsAsync(stop.Token),
        ];
        try
        {
            var first = await Task.WhenAny(tasks).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw new RingKeeperException($"The checker of cluster '{_name}' ended: its ZooKeeper client is {_client.Session.State}. Start it again over a client that is open.");
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _candidacy.LeaveOfficeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Deletes the own node, after the loop has ended.</summary>
    public Task WithdrawAsync(CancellationToken cancellationToken) => _voter.WithdrawAsync(cancellationToken);

    // ZooKeeper may be away just when the checker is started.
    private async Task<WatchSubscription> ArmAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await _client.WatchAsync(path, WatchMode.Persistent, cancellationToken).ConfigureAwait(false);
            }
            catch (ZooKeeperException e) when (e.Code is ZooKeeperErrorCode.ConnectionLoss or ZooKeeperErrorCode.SessionExpired && _client.Session.State is not (SessionState.Closed or SessionState.AuthFailed))
            {
                Tell(e.Message);
                _pulse.NoteStep();
                await Task.Delay(TroublePause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task StepsAsync(CancellationToken cancellationToken)
    {
        var pause = TimeSpan.Zero;
        while (true)
        {
            await _wake.WaitAsync(pause, cancellationToken).ConfigureAwait(false);
            pause = await TryStepAsync(cancellationToken).ConfigureAwait(false);
            _pulse.NoteStep();
        }
    }

    private async Task<TimeSpan> TryStepAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_client.Session is { State: SessionState.Connected } session)
            {
                if (await StepAsync(session, cancellationToken).ConfigureAwait(false))
                {
                    _trouble = null;
                }
            }

            var soon = _rejoin.Left is { Ticks: > 0 } pause ? pause : _candidacy.NextLook ?? _options.RecountInterval;
            return soon < _options.RecountInterval ? soon : _options.RecountInterval;
        }
        catch (ZooKeeperException e) when (e.Code is ZooKeeperErrorCode.ConnectionLoss or ZooKeeperErrorCode.SessionExpired)
        {
            // The session's change of state is logged and wakes the loop; what the lost replies did is looked up then.
            _voter.Doubt();
            return RetryPause;
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            // The own node, localstatus or the cluster went in mid-step: start over from the top.
            LoseNode();
            Tell(e.Message);
            return RetryPause;
        }
        catch (Exception e) when (e is ZooKeeperException or RingKeeperException)
        {
            Tell(e.Message);
            return TroublePause;
        }
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

        if (_wasSuspended)
        {
            // The vote may be old by now: written anew first thing.
            _wasSuspended = false;
            _voter.Doubt();
        }

        if (_topologyDirty && !await TryReadTopologyAsync(cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        if (_rejoin.IsUnderWay())
        {
            return true;
        }

        await _voter.EnsureRegisteredAsync(_topology.DraftVote().Data, _topology.Cluster!.Acl, cancellationToken).ConfigureAwait(false);
        if (_ownNode is not { Gone.IsCompleted: false } watched || watched.Node != _voter.Node)
        {
            var own = await _client.GetChildrenAndWatchAsync(ZKPaths.Vote(_name, _voter.Node!), cancellationToken).ConfigureAwait(false);
            _ownNode = (_voter.Node!, own.Changed);
            _candidacy.WakeWhen(own.Changed);
        }

        var vote = _topology.DraftVote();
        if (!await _voter.TryPublishAsync(vote.Data, cancellationToken).ConfigureAwait(false))
        {
            _pulse.NoteVote(null);
            if (_voter.Node is null)
            {
                LoseNode();
            }

            await _candidacy.LeaveOfficeAsync().ConfigureAwait(false);
            _wake.Set();
            return true;
        }

        _pulse.NoteVote(vote);
        switch (await _candidacy.TakePlaceAsync(session, _topology.Cluster!, cancellationToken).ConfigureAwait(false))
        {
            case RoundOutcome.TopologyChanged:
                _topologyDirty = true;
                _wake.Set();
                break;
            case RoundOutcome.NotLeading:
                // The own node is gone, or not first and its own any more: register anew.
                LoseNode();
                _wake.Set();
                break;
        }

        return true;
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
                Forget();
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

    private async Task ListenAsync(WatchSubscription watch, bool changesTopology, CancellationToken cancellationToken)
    {
        await foreach (var change in watch.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            // Children of the cluster's node come and go with its first vote and decision; they are no change of the topology. Only a manager
            // that deletes the cluster deletes the status; a Go one leaves half of it, for which no status may be made anew.
            _topologyDirty |= changesTopology ? change.Type != WatchedEventType.NodeChildrenChanged : change.Type == WatchedEventType.NodeDeleted;
            _wake.Set();
        }
    }

    private async Task FollowSessionAsync(CancellationToken cancellationToken)
    {
        await foreach (var session in _client.WatchSessionAsync(cancellationToken).ConfigureAwait(false))
        {
            Log.CheckerSession(_logger, _name, $"{session.State} (0x{session.SessionId:x}, {session.Server})");
            if (session.State != SessionState.Connected)
            {
                _wasSuspended = true;
                _candidacy.Doubt();
            }

            _wake.Set();
        }
    }

    private async Task FollowVerdictsAsync(CancellationToken cancellationToken)
    {
        await foreach (var _ in _local.WatchStatusesAsync(cancellationToken).ConfigureAwait(false))
        {
            _wake.Set();
        }
    }

    private void Forget()
    {
        _voter.Forget();
        _pulse.NoteVote(null);
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
