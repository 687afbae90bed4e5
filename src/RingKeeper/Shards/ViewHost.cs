using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Holds the present view with the connections to its shards, and finds routes in it. Lookups take no lock.</summary>
internal sealed partial class ViewHost : IAsyncDisposable
{
    private const int StackKeyLength = 256;
    private const int MaxBytesPerChar = 3;

    private readonly ClusterOptions _options;
    private readonly string _cluster;
    private readonly Func<string, Task<IConnectionMultiplexer>> _open;
    private readonly Func<TimeSpan> _viewAge;
    private readonly Func<Exception?> _whyNoView;
    private readonly SemaphoreSlim _applying = new(1, 1);
    private readonly CancellationTokenSource _closing = new();

    // Only under _applying: connections being drained.
    private readonly List<Task> _drains = [];

    // Held for a moment around every write of _state.
    private readonly Lock _swapping = new();
    private ViewTrust _trust;

    // Never null. Another view or other connections are written only under _applying.
    private volatile ViewState _state = new(null, []);
    private int _disposed;

    public ViewHost(ClusterOptions options, string clusterName = "", Func<string, Task<IConnectionMultiplexer>>? open = null, Func<TimeSpan>? viewAge = null, Func<Exception?>? whyNoView = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _cluster = clusterName;
        _open = open ?? (addr => ShardConfiguration.OpenAsync(addr, options));
        _viewAge = viewAge ?? (static () => TimeSpan.Zero);
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
            _state = new ViewState(last.View, last.Connections, trust);
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
        var decision = Decide(state, key, policy);
        if (decision.Outcome == RouteOutcome.Served && !state.IsRefused && state.Connections[decision.ShardIndex].Database is { } database)
        {
            return new ValueTask<ShardRoute>(new ShardRoute(database, state.View!.Ring.ShardAt(decision.ShardIndex), decision.ValidSince, state.ReadsAreMisses));
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
            route = new ShardRoute(database, view.Ring.ShardAt(decision.ShardIndex), decision.ValidSince, state.ReadsAreMisses);
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

            connections[i] = connection;
        }

        try
        {
            await Task.WhenAll(opened.Select(connection => connection.WaitForOpenAsync(_options.ConnectTimeout, stop))).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException)
        {
            _drains.AddRange(opened.Select(connection => connection.DrainAndCloseAsync(_closing.Token)));
            throw;
        }

        Swap(next, connections);
        var removed = last.Connections.Except(connections).ToArray();
        _drains.AddRange(removed.Select(connection => connection.DrainAndCloseAsync(_closing.Token)));
        if (opened.Count > 0 || removed.Length > 0)
        {
            ShardsLog.ConnectionsChanged(_options.Logger, _cluster, opened.Count, removed.Length, connections.Length);
        }
    }

    private ViewState Swap(ClusterView? view, ShardConnection[] connections)
    {
        ViewState last;
        lock (_swapping)
        {
            last = _state;
            _state = new ViewState(view, connections, _trust);
        }

        last.MarkReplaced();
        return last;
    }

    private static RouteDecision Decide(ViewState state, in RedisKey key, RoutePolicy policy)
    {
        if (state.View is not { } view)
        {
            return new RouteDecision(RouteOutcome.NotReady, -1, 0);
        }

        if (!RedisKeyBytes.TryGet(key, out var bytes))
        {
            return DecideCopied(view, key, policy);
        }

        return bytes is null
            ? throw new ArgumentException("The key is null; an empty key is written as an empty string.", nameof(key))
            : view.Route(bytes, policy);
    }

    // Kept apart so that keys of bytes do not pay for the buffer.
    [SkipLocalsInit]
    private static RouteDecision DecideCopied(ClusterView view, in RedisKey key, RoutePolicy policy)
    {
        Span<byte> bytes = stackalloc byte[StackKeyLength];
        if (RedisKeyBytes.Text(key) is { Length: <= StackKeyLength / MaxBytesPerChar } text)
        {
            return view.Route(text, bytes, policy);
        }

        var most = RedisKeyBytes.MaxLength(key);
        if (most > StackKeyLength)
        {
            return DecideLong(view, key, most, policy);
        }

        return view.Route(bytes[..RedisKeyBytes.Copy(key, bytes)], policy);
    }

    // Kept apart so that short keys do not pay for the rented buffer.
    private static RouteDecision DecideLong(ClusterView view, in RedisKey key, int most, RoutePolicy policy)
    {
        var rented = System.Buffers.ArrayPool<byte>.Shared.Rent(most);
        try
        {
            return view.Route(rented.AsSpan(0, RedisKeyBytes.Copy(key, rented)), policy);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private async ValueTask<ShardRoute> WaitAsync(ViewState state, RouteDecision decision, RedisKey key, RoutePolicy policy, CancellationToken ct)
    {
        var start = _options.TimeProvider.GetTimestamp();
        while (true)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, typeof(ViewHost));
            if (state.View is null && _whyNoView() is { } why)
            {
                throw why;
            }

            if (state.IsRefused)
            {
                throw TooOld();
            }

            if (decision.Outcome == RouteOutcome.NoShardAvailable)
            {
                throw NoShardAvailable(state.View!, decision.ShardIndex, policy);
            }

            var left = _options.ReadyTimeout - _options.TimeProvider.GetElapsedTime(start);
            if (decision.Outcome == RouteOutcome.Served)
            {
                var connection = state.Connections[decision.ShardIndex];
                if (connection.Database is { } database)
                {
                    return new ShardRoute(database, state.View!.Ring.ShardAt(decision.ShardIndex), decision.ValidSince, state.ReadsAreMisses);
                }

                await WaitForConnectionAsync(connection, state.View!.Ring.Shards[decision.ShardIndex], left, ct).ConfigureAwait(false);
            }
            else if (state.WaitedInVain || left <= TimeSpan.Zero)
            {
                throw NotReady(state.View, decision.ShardIndex);
            }
            else if (!await IsReplacedAsync(state, left, ct).ConfigureAwait(false))
            {
                // Only a view that was waited on for what was left of the time is marked, not one that came a moment ago.
                state.MarkWaitedInVain();
                throw NotReady(state.View, decision.ShardIndex);
            }

            state = _state;
            decision = Decide(state, key, policy);
        }
    }

    private async Task<bool> IsReplacedAsync(ViewState state, TimeSpan timeout, CancellationToken ct)
    {
        try
        {
            await state.Replaced.WaitAsync(timeout, _options.TimeProvider, ct).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task WaitForConnectionAsync(ShardConnection connection, Shard shard, TimeSpan left, CancellationToken ct)
    {
        try
        {
            await connection.Opening.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _options.TimeProvider, ct).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            throw new RingKeeperException($"The connection to shard '{shard.Name}' ({shard.Addr}){OfCluster()} is not open: {exception.Message} Check its address and ConfigureRedis.", exception);
        }
    }

    private NoShardAvailableException NoShardAvailable(ClusterView view, int owner, RoutePolicy policy)
    {
        var shard = view.Ring.Shards[owner];
        var why = policy == RoutePolicy.OwnerOnly ? "and the caller's policy OwnerOnly never leaves the owner"
            : !view.FailoverEnabled ? "and failover is not enabled"
            : "and so is every shard after it on the ring";
        return new NoShardAvailableException($"No shard{OfCluster()} is available for the key: its owner '{shard.Name}' ({shard.Addr}) is dead {why}. Bring the shard back, or try again when it is.");
    }

    private ShardNotReadyException NotReady(ClusterView? view, int index)
    {
        var shard = view?.Ring.Shards[index];
        return shard is null
            ? new ShardNotReadyException($"The shards{OfCluster()} are not known yet after {_options.ReadyTimeout}. Check that the cluster exists and its source can be reached.")
            : new ShardNotReadyException($"Shard '{shard.Name}' ({shard.Addr}){OfCluster()} has no status yet after {_options.ReadyTimeout}. Check that a checker runs for the cluster and probes this shard.");
    }

    private StaleViewException TooOld() => new(
        $"The view{OfCluster()} is too old: ZooKeeper last confirmed it {_viewAge().TotalSeconds:0.#} s ago, and StaleViewPolicy is Refuse after {_options.StaleViewAfter.TotalSeconds:0.###} s. "
        + "Bring ZooKeeper back or check the connection to it; lookups work again as soon as it has confirmed the view.");

    private string OfCluster() => _cluster.Length == 0 ? "" : $" of cluster '{_cluster}'";
}
