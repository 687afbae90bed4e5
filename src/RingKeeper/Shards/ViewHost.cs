using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Holds the present view with the connections to its shards, and finds routes in it. Lookups take no lock.</summary>
internal sealed partial class ViewHost : IAsyncDisposable
{
    private readonly ClusterOptions _options;
    private readonly string _cluster;
    private readonly Func<string, Action, Task<IConnectionMultiplexer>> _open;
    private readonly Func<Exception?> _whyNoView;
    private readonly Func<TimeSpan> _viewAge;
    private readonly RouteErrors _errors;
    private readonly SemaphoreSlim _applying = new(1, 1);
    private readonly CancellationTokenSource _closing = new();

    // Only under _applying: connections being drained.
    private readonly List<Task> _drains = [];

    // Held for a moment around every write of _state.
    private readonly Lock _swapping = new();
    private ViewTrust _trust;

    // Whether somebody publishes or is subscribed: connections to removed shards are then needed a while longer.
    private volatile bool _movesChannels;

    // Never null. Another view or other connections are written only under _applying.
    private volatile ViewState _state = new(null, []);
    private int _disposed;

    public ViewHost(ClusterOptions options, string clusterName = "", Func<string, Action, Task<IConnectionMultiplexer>>? open = null, Func<TimeSpan>? viewAge = null, Func<Exception?>? whyNoView = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _cluster = clusterName;
        _open = open ?? ((addr, beforeConnect) => ShardConfiguration.OpenAsync(addr, options, beforeConnect));
        _viewAge = viewAge ?? (static () => TimeSpan.Zero);
        _errors = new RouteErrors(options, clusterName, _viewAge);
        _whyNoView = whyNoView ?? (static () => null);
    }

    /// <summary>The present view; null before the first.</summary>
    public ClusterView? View => _state.View;

    /// <summary>Ends when routes may have changed since it was asked for.</summary>
    public Task RoutesChanged => _state.Replaced;

    /// <summary>Says how far the present view and those to come may be trusted; wakes waiters when that changes.</summary>
    public void SetTrust(ViewTrust trust)
    {
        ViewState last;
        lock (_swapping)
        {
            if (trust == _trust || IsDisposed)
            {
                return;
            }

            _trust = trust;
            last = _state;
            _state = new ViewState(last.View, last.Connections, trust, last.Age, _viewAge, last.Past);
        }

        last.MarkReplaced();
    }

    /// <summary>Takes a view into use: opens connections to new shards, swaps once, wakes waiters, drains and closes removed ones in the background.</summary>
    public async Task ApplyAsync(ClusterView next, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(next);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, ClosingToken());
        await EnterAsync(stop.Token, ct).ConfigureAwait(false);
        try
        {
            await ApplyOneAsync(next, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (IsDisposed && !ct.IsCancellationRequested)
        {
            throw new ObjectDisposedException("The connector is disposed.", exception);
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Finds the route of a key; waits up to ReadyTimeout while a shard on its way has no status yet.</summary>
    public ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ShardRoute>(ct);
        }

        var state = _state;
        var decision = KeyRouting.Decide(state, key, policy);
        if (decision.Outcome == RouteOutcome.Served && !state.IsRefused && state.Connections[decision.ShardIndex].Database is { } database)
        {
            return new ValueTask<ShardRoute>(state.RouteOf(database, decision));
        }

        return WaitAsync(state, decision, key, policy, ct);
    }

    /// <summary>Finds the route of a key if a shard serves it now and its connection is there.</summary>
    public bool TryRoute(ReadOnlySpan<byte> key, RoutePolicy policy, out ShardRoute route)
    {
        var state = _state;
        if (state.View is { } view
            && !state.IsRefused
            && view.Route(key, policy) is { Outcome: RouteOutcome.Served } decision
            && state.Connections[decision.ShardIndex].Database is { } database)
        {
            route = state.RouteOf(database, decision);
            return true;
        }

        route = default;
        return false;
    }

    /// <summary>Yields the present view, then each that takes its place; a slow reader gets the latest. Ends on disposal.</summary>
    public async IAsyncEnumerable<ClusterView> WatchViewsAsync([EnumeratorCancellation] CancellationToken ct)
    {
        ClusterView? told = null;
        for (var state = _state; ; state = _state)
        {
            if (state.View is { } view)
            {
                // A change of trust replaces the state, not the view.
                if (view != told)
                {
                    yield return view;
                    told = view;
                }
            }
            else if (IsDisposed)
            {
                yield break;
            }

            await state.Replaced.WaitAsync(ct).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _applying.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            var last = Swap(null, []);
            _drains.AddRange(last.Connections.Distinct().Select(connection => connection.DrainAndCloseAsync(_closing.Token)));
            await Task.WhenAll(_drains).ConfigureAwait(false);
        }
        finally
        {
            // Kept undisposed on purpose: late callers must meet ObjectDisposedException for this object, and neither holds a handle.
            _applying.Release();
        }
    }

    private bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    private CancellationToken ClosingToken()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return _closing.Token;
    }

    private async Task EnterAsync(CancellationToken stop, CancellationToken ct)
    {
        try
        {
            await _applying.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (IsDisposed && !ct.IsCancellationRequested)
        {
            throw new ObjectDisposedException("The connector is disposed.", exception);
        }
    }

    private async Task ApplyOneAsync(ClusterView next, CancellationToken stop)
    {
        _drains.RemoveAll(static drain => drain.IsCompleted);
        var last = _state;
        var reusable = last.Connections.Where(static c => !c.Opening.IsFaulted).DistinctBy(static c => c.Addr).ToDictionary(static c => c.Addr, StringComparer.Ordinal);
        var opened = new List<ShardConnection>();
        var reopened = new List<ShardConnection>();
        var connections = new ShardConnection[next.Ring.Shards.Count];
        for (var i = 0; i < connections.Length; i++)
        {
            var addr = next.Ring.Shards[i].Addr;
            if (!reusable.TryGetValue(addr, out var connection))
            {
                connection = new ShardConnection(addr, _cluster, _options, _open);
                reusable.Add(addr, connection);
                opened.Add(connection);
            }
            else if (connection.IsOutlivedBy(RunOf(next, i)))
            {
                ShardsLog.OldRunAnswers(_options.Logger, _cluster, addr, RunOf(next, i));
                connection = new ShardConnection(addr, _cluster, _options, _open);
                reusable[addr] = connection;
                reopened.Add(connection);
            }

            connections[i] = connection;
        }

        try
        {
            // Not for those opened anew: until the swap, the old process serves.
            await Task.WhenAll(opened.Select(connection => connection.WaitForOpenAsync(_options.ConnectTimeout, stop))).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException)
        {
            _drains.AddRange(opened.Concat(reopened).Select(connection => connection.DrainAndCloseAsync(_closing.Token)));
            throw;
        }

        Swap(next, connections);
        FailoverCounts.Record(_cluster, last.View, next);
        for (var i = 0; i < connections.Length; i++)
        {
            connections[i].Expect(RunOf(next, i));
        }

        var removed = last.Connections.Except(connections).ToArray();
        _drains.AddRange(removed.Select(connection => connection.DrainAndCloseAsync(_closing.Token, KeepFor(connection, connections))));
        if (opened.Count > 0 || removed.Length > 0)
        {
            ShardsLog.ConnectionsChanged(_options.Logger, _cluster, opened.Count + reopened.Count, removed.Length, connections.Length);
        }
    }

    // A process that has ended has nobody to listen to.
    private TimeSpan KeepFor(ShardConnection removed, ShardConnection[] present) =>
        _movesChannels && !Array.Exists(present, connection => connection.Addr == removed.Addr) ? ChannelMoves.Overlap : TimeSpan.Zero;

    // A dead shard's run may have ended by now.
    private static string? RunOf(ClusterView view, int shard) => view.StatusOf(shard) is { Alive: true } status ? status.RunId : null;

    private ViewState Swap(ClusterView? view, ShardConnection[] connections)
    {
        ViewState last;
        lock (_swapping)
        {
            last = _state;
            _state = new ViewState(view, connections, _trust, view is null ? null : ViewAge.After(last.Age, view, _options.TimeProvider), _viewAge, PastMap.After(last, _options.TimeProvider));
        }

        last.MarkReplaced();
        return last;
    }
}
