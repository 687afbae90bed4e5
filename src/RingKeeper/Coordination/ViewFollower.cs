using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Turns watches on a cluster's znodes into views: reads again after every event and every gap, and hands what is newer to the host.</summary>
internal sealed class ViewFollower(
    ZooKeeperClient client, string name, ViewHost host, ViewConfirmation confirmation, ViewSnapshotWriter? snapshots, TimeProvider time, Random random, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GapJitter = TimeSpan.FromMilliseconds(200);

    private const long NoEvent = long.MinValue;

    private readonly ClusterReader _reader = new(client, time);
    private readonly SessionCounts _sessions = new(name, "client");
    private readonly TopologyAlarms _alarms = new(name, logger);
    private readonly WakeSignal _wake = new(time);
    private readonly CancellationTokenSource _stop = new();
    private readonly string[] _watched = [ZKPaths.Cluster(name), ZKPaths.Status(name)];
    private readonly List<WatchSubscription> _watches = [];
    private readonly List<Task> _listening = [];
    private Task _running = Task.CompletedTask;
    private volatile bool _gap;
    private volatile IRingBuilder _ringBuilder = RingTypes.CreateBuilder(RingTypes.Consistent, "1");
    private string? _lastTrouble;

    // Timestamps of watch events: the first since the last reading began, and the first whose change is not in use yet. Of the latter, the loop's alone.
    private long _firstEvent = NoEvent;
    private long _firstUnused = NoEvent;
    private volatile string? _unreadable;

    // What the present view was made of, if it came from ZooKeeper.
    private ZKClusterInfo? _topology;

    // The view comes from a snapshot: the first that ZooKeeper gives takes its place, whatever its version.
    private bool _isFromSnapshot;

    /// <summary>Why what ZooKeeper holds could not be turned into a view when it was last read; null if it could.</summary>
    public string? Unreadable => _unreadable;

    /// <summary>The builder of the ring in use.</summary>
    public IRingBuilder RingBuilder => _ringBuilder;

    /// <summary>Reads the first view, then follows.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken).ConfigureAwait(false);
        Run();
    }

    /// <summary>Follows from a view that came from a snapshot, as soon as ZooKeeper can be reached.</summary>
    public void StartFromSnapshot(IRingBuilder ringBuilder)
    {
        _ringBuilder = ringBuilder;
        _isFromSnapshot = true;
        Run();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_listening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var watch in _watches)
        {
            await watch.DisposeAsync().ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private void Run() => _running = Task.WhenAll(FollowAsync(_stop.Token), FollowSessionAsync(_stop.Token));

    private async Task FollowSessionAsync(CancellationToken cancellationToken)
    {
        await foreach (var session in client.WatchSessionAsync(cancellationToken).ConfigureAwait(false))
        {
            _sessions.Hear(session.State);
            if (session.State != SessionState.Connected)
            {
                // The view was ZooKeeper's as long as the server was heard, not until the silence was noticed.
                if (confirmation.Doubt(client.LastContact))
                {
                    Log.ViewUnconfirmed(logger, name, session.State);
                }
            }
            else if (confirmation.IsConfirmed)
            {
                // As at the start; after an outage it is not.
                continue;
            }

            _wake.Set();
        }
    }

    private async Task ListenAsync(WatchSubscription watch, CancellationToken cancellationToken)
    {
        await foreach (var change in watch.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            var now = time.GetTimestamp();
            confirmation.Doubt(now);
            Interlocked.CompareExchange(ref _firstEvent, now, NoEvent);
            _gap |= change.Type == WatchedEventType.Gap;
            _wake.Set();
        }

        // The client is closed; the follower finds that out.
        _wake.Set();
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var pause = Timeout.InfiniteTimeSpan;
        while (true)
        {
            await _wake.WaitAsync(pause, cancellationToken).ConfigureAwait(false);
            if (_gap)
            {
                // After a reconnect every client reads again; spread them.
                _gap = false;
                await Task.Delay(GapJitter * random.NextDouble(), time, cancellationToken).ConfigureAwait(false);
            }

            if (client.Session.State is SessionState.Closed or SessionState.AuthFailed)
            {
                Log.ViewFrozen(logger, name, client.Session.State);
                return;
            }

            if (client.Session.State != SessionState.Connected)
            {
                // Its return wakes.
                pause = Timeout.InfiniteTimeSpan;
                continue;
            }

            pause = await TryRefreshAsync(cancellationToken).ConfigureAwait(false) ? Timeout.InfiniteTimeSpan : RetryPause;
        }
    }

    // False: try again soon. The last view goes on serving meanwhile.
    private async Task<bool> TryRefreshAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        try
        {
            await RefreshAsync(cancellationToken).ConfigureAwait(false);
            _lastTrouble = null;
            _unreadable = null;
            return true;
        }
        catch (Exception e) when (e is ZooKeeperException or RingKeeperException)
        {
            confirmation.Doubt(start);

            // What a connection did to the reading says nothing of the znodes.
            _unreadable = e is ZooKeeperException { Outcome: not OperationOutcome.Refused } ? _unreadable : e.Message;
            if (_lastTrouble != e.Message)
            {
                Log.ViewKept(logger, name, e.Message);
                _lastTrouble = e.Message;
            }

            return false;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            // A defect must not end the following: without it the view would be frozen unseen.
            confirmation.Doubt(start);
            _unreadable = fault.Message;
            if (_lastTrouble != fault.Message)
            {
                Log.ViewFault(logger, name, fault);
                _lastTrouble = fault.Message;
            }

            return false;
        }
    }

    // Armed before the first read, so that no change falls in between.
    private async Task ArmAsync(CancellationToken cancellationToken)
    {
        while (_watches.Count < _watched.Length)
        {
            _watches.Add(await client.WatchAsync(_watched[_watches.Count], WatchMode.Persistent, cancellationToken).ConfigureAwait(false));
            _listening.Add(ListenAsync(_watches[^1], _stop.Token));
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await ArmAsync(cancellationToken).ConfigureAwait(false);
        var check = confirmation.BeginCheck();
        var told = Interlocked.Exchange(ref _firstEvent, NoEvent);
        _firstUnused = _firstUnused == NoEvent ? told : _firstUnused;
        var last = host.View;
        var session = client.Session;
        if (await ViewSteps.ReadAsync(_reader, name, cancellationToken).ConfigureAwait(false) is not var (topology, status))
        {
            throw new RingKeeperException($"Cluster '{name}' is gone from ZooKeeper; its last view stays in use until it is created again.");
        }

        _alarms.Tell(topology);
        if (ViewSteps.Next(last, () => RingOf(topology), topology, status, _isFromSnapshot) is { } next)
        {
            await host.ApplyAsync(next, cancellationToken).ConfigureAwait(false);
            Log.ViewApplied(logger, name, next.TopologyVersion, next.StatusVersion);
            ViewLag.Record(
                name, _isFromSnapshot ? null : last, next, topology.Changed, status?.Stat.Mtime ?? 0, time.GetUtcNow(), _firstUnused == NoEvent ? null : time.GetElapsedTime(_firstUnused));
            _isFromSnapshot = false;
            _topology = next.TopologyVersion == topology.Revision.Mzxid ? topology : _topology;
            snapshots?.Keep(_topology!, next);
        }

        _firstUnused = NoEvent;
        RefuseOlder(host.View ?? throw new ObjectDisposedException(nameof(ZKCluster)), topology, status);

        // A session lost meanwhile may have hidden a change; its return is followed by another read.
        confirmation.End(check, isUnbroken: session.State == SessionState.Connected && ReferenceEquals(session, client.Session));
    }

    private void RefuseOlder(ClusterView view, ZKClusterInfo topology, StatusNode? status)
    {
        if (topology.Revision.Mzxid < view.TopologyVersion || (status?.Statuses is not null && status.Stat.Mzxid < view.StatusVersion))
        {
            throw new RingKeeperException(
                $"ZooKeeper answered with an older state of cluster '{name}' than this client has seen; the last view stays in use until the server has caught up. "
                + "If the ensemble was restored from a backup, restart the clients.");
        }
    }

    private HashRing RingOf(ZKClusterInfo topology)
    {
        var builder = topology.Options.CreateRingBuilder();
        var ring = builder.Build(topology.Shards);
        _ringBuilder = builder;
        return ring;
    }
}
