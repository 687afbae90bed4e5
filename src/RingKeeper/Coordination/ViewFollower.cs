using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Turns watches on a cluster's znodes into views: reads again after every event and every gap, and hands what is newer to the host.</summary>
internal sealed class ViewFollower(ZooKeeperClient client, string name, ViewHost host, TimeProvider time, Random random, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GapJitter = TimeSpan.FromMilliseconds(200);

    private readonly ClusterReader _reader = new(client, time);
    private readonly TopologyAlarms _alarms = new(name, logger);
    private readonly WakeSignal _wake = new(time);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<WatchSubscription> _watches = [];
    private Task _running = Task.CompletedTask;
    private volatile bool _gap;
    private volatile IRingBuilder _ringBuilder = RingTypes.CreateBuilder(RingTypes.Consistent, "1");
    private string? _lastTrouble;

    /// <summary>The builder of the ring in use.</summary>
    public IRingBuilder RingBuilder => _ringBuilder;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Armed before the first read, so that no change falls in between.
        _watches.Add(await client.WatchAsync(ZKPaths.Cluster(name), WatchMode.Persistent, cancellationToken).ConfigureAwait(false));
        _watches.Add(await client.WatchAsync(ZKPaths.Status(name), WatchMode.Persistent, cancellationToken).ConfigureAwait(false));
        await RefreshAsync(cancellationToken).ConfigureAwait(false);
        _running = Task.WhenAll([FollowAsync(_stop.Token), .. _watches.Select(w => ListenAsync(w, _stop.Token))]);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var watch in _watches)
        {
            await watch.DisposeAsync().ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private async Task ListenAsync(WatchSubscription watch, CancellationToken cancellationToken)
    {
        await foreach (var change in watch.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
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

            pause = await TryRefreshAsync(cancellationToken).ConfigureAwait(false) ? Timeout.InfiniteTimeSpan : RetryPause;
        }
    }

    // False: try again soon. The last view goes on serving meanwhile.
    private async Task<bool> TryRefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RefreshAsync(cancellationToken).ConfigureAwait(false);
            _lastTrouble = null;
            return true;
        }
        catch (Exception e) when (e is ZooKeeperException or RingKeeperException)
        {
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
            if (_lastTrouble != fault.Message)
            {
                Log.ViewFault(logger, name, fault);
                _lastTrouble = fault.Message;
            }

            return false;
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var topology = await _reader.ReadAsync(name, cancellationToken).ConfigureAwait(false);
        if (topology is null)
        {
            throw new RingKeeperException($"Cluster '{name}' is gone from ZooKeeper; its last view stays in use until it is created again.");
        }

        _alarms.Tell(topology);
        var status = await _reader.ReadStatusAsync(name, cancellationToken).ConfigureAwait(false);
        if (Next(host.View, topology, status) is { } next)
        {
            await host.ApplyAsync(next, cancellationToken).ConfigureAwait(false);
            Log.ViewApplied(logger, name, next.TopologyVersion, next.StatusVersion);
        }
    }

    // Versions repeat when a znode is made anew; mzxids do not. Null: nothing is newer.
    private ClusterView? Next(ClusterView? view, ZKClusterInfo topology, StatusNode? status)
    {
        var statusVersion = status?.Statuses is null ? 0 : status.Stat.Mzxid;
        var statuses = ByInnerAddress(status?.Statuses);
        if (view is null || topology.Revision.Mzxid > view.TopologyVersion)
        {
            var builder = topology.Options.CreateRingBuilder();
            var ring = builder.Build(topology.Shards);
            _ringBuilder = builder;
            var (failover, mzxid) = (topology.Options.FailoverEnabled, topology.Revision.Mzxid);
            return view is null
                ? new ClusterView(ring, failover, mzxid, topology.Stamp, statusVersion, statuses)
                : view.WithTopology(ring, failover, mzxid, topology.Stamp, Math.Max(statusVersion, view.StatusVersion), statusVersion > view.StatusVersion ? statuses : view.Statuses);
        }

        return statusVersion > view.StatusVersion ? view.WithStatuses(statusVersion, statuses) : null;
    }

    // Clients go by the inner Addr, as Go's do; the count goes by the key.
    private static ImmutableDictionary<string, ShardStatus> ByInnerAddress(ImmutableDictionary<string, ShardStatus>? statuses)
    {
        var byAddr = ImmutableDictionary.CreateBuilder<string, ShardStatus>(StringComparer.Ordinal);
        foreach (var status in statuses?.Values ?? [])
        {
            if (status.Addr.Length > 0)
            {
                byAddr[status.Addr] = status;
            }
        }

        return byAddr.ToImmutable();
    }
}
