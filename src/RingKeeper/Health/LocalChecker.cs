using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace RingKeeper;

/// <summary>Probes shards from this process and keeps a verdict on each; sees what this process sees, no more.</summary>
public sealed class LocalChecker : IHealthChecker, IShardObserver
{
    private readonly LocalCheckerOptions _options;
    private readonly SemaphoreSlim _workers;
    private readonly Lock _gate = new();

    // All under _gate.
    private readonly Dictionary<string, ProbeLoop> _loops = new(StringComparer.Ordinal);
    private readonly List<Task> _stopping = [];
    private readonly List<Channel<ShardStatus>> _watchers = [];
    private readonly List<Channel<IReadOnlyDictionary<string, ShardStatus>>> _snapshotWatchers = [];
    private long _lastSince;
    private bool _disposed;

    // Written only under _gate.
    private volatile ImmutableDictionary<string, ShardStatus> _statuses = ImmutableDictionary.Create<string, ShardStatus>(StringComparer.Ordinal);

    private volatile ImmutableHashSet<string> _abstentions = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Creates a checker; it probes nothing until <see cref="SetShards"/>.</summary>
    /// <param name="options">How to probe.</param>
    /// <exception cref="RingKeeperException">An option is out of range.</exception>
    public LocalChecker(LocalCheckerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _workers = new SemaphoreSlim(options.WorkerCount);
    }

    /// <summary>The present verdicts by address, an immutable snapshot. A shard without a verdict, not known yet or misconfigured, is not in it.</summary>
    public IReadOnlyDictionary<string, ShardStatus> Statuses => _statuses;

    /// <inheritdoc/>
    IReadOnlyDictionary<string, ShardObservation> IShardObserver.Observations => Observations;

    internal IReadOnlyDictionary<string, ShardObservation> Observations =>
        _statuses.Values.Select(s => new ShardObservation(s.Addr) { Alive = s.Alive, Since = s.Since })
            .Concat(_abstentions.Where(a => !_statuses.ContainsKey(a)).Select(a => new ShardObservation(a) { IsAbstaining = true }))
            .ToImmutableDictionary(o => o.Addr, StringComparer.Ordinal);

    /// <summary>The addresses that this checker says nothing about on purpose, since they refuse it; an immutable snapshot.</summary>
    internal IReadOnlySet<string> Abstentions => _abstentions;

    /// <inheritdoc/>
    ShardObservation? IShardObserver.Observe(string addr) => Observations.GetValueOrDefault(addr) is { } known ? known with { ProbedAt = _options.TimeProvider.GetTimestamp() } : null;

    /// <inheritdoc/>
    void IShardObserver.SetFlapPolicy(FlapPolicy policy)
    {
    }

    /// <inheritdoc/>
    /// <exception cref="RingKeeperException">A shard's address cannot be read; nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">The checker is disposed.</exception>
    public void SetShards(IReadOnlyList<Shard> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        if (_options.CreateProbe is null)
        {
            foreach (var shard in shards)
            {
                _ = ShardAddress.Parse(shard.Addr);
            }
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _stopping.RemoveAll(static task => task.IsCompleted);
            var wanted = shards.DistinctBy(static shard => shard.Addr).ToDictionary(static shard => shard.Addr, StringComparer.Ordinal);
            var started = wanted.Values.Where(shard => !_loops.ContainsKey(shard.Addr)).Select(CreateLoop).ToArray();
            foreach (var loop in _loops.Values.Where(loop => !wanted.ContainsKey(loop.Addr)).ToArray())
            {
                _loops.Remove(loop.Addr);
                _stopping.Add(loop.DisposeAsync().AsTask());
                _abstentions = _abstentions.Remove(loop.Addr);
                Publish(_statuses.Remove(loop.Addr));
            }

            foreach (var loop in started)
            {
                _loops.Add(loop.Addr, loop);
                loop.Start();
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ShardStatus> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var watcher = Channel.CreateUnbounded<ShardStatus>();
        lock (_gate)
        {
            foreach (var status in _statuses.Values)
            {
                watcher.Writer.TryWrite(status);
            }

            Join(_watchers, watcher);
        }

        try
        {
            await foreach (var status in watcher.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return status;
            }
        }
        finally
        {
            Leave(_watchers, watcher);
        }
    }

    /// <summary>Yields <see cref="Statuses"/> now and after each change, verdicts withdrawn included; a slow reader gets the latest. Ends on disposal.</summary>
    /// <param name="cancellationToken">Ends the feed.</param>
    /// <returns>The feed.</returns>
    public async IAsyncEnumerable<IReadOnlyDictionary<string, ShardStatus>> WatchStatusesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var watcher = Channel.CreateBounded<IReadOnlyDictionary<string, ShardStatus>>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
        {
            watcher.Writer.TryWrite(_statuses);
            Join(_snapshotWatchers, watcher);
        }

        try
        {
            await foreach (var statuses in watcher.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return statuses;
            }
        }
        finally
        {
            Leave(_snapshotWatchers, watcher);
        }
    }

    /// <summary>Stops every probe and ends the feeds. Safe to call again.</summary>
    /// <returns>The stop.</returns>
    public async ValueTask DisposeAsync()
    {
        Task[] stopping;
        lock (_gate)
        {
            _disposed = true;
            _stopping.AddRange(_loops.Values.Select(static loop => loop.DisposeAsync().AsTask()));
            _loops.Clear();
            stopping = [.. _stopping];
            _watchers.ForEach(static watcher => watcher.Writer.TryComplete());
            _snapshotWatchers.ForEach(static watcher => watcher.Writer.TryComplete());
        }

        await Task.WhenAll(stopping).ConfigureAwait(false);
        _workers.Dispose();
    }

    private void Join<T>(List<Channel<T>> watchers, Channel<T> watcher)
    {
        if (_disposed)
        {
            watcher.Writer.TryComplete();
        }

        watchers.Add(watcher);
    }

    private void Leave<T>(List<Channel<T>> watchers, Channel<T> watcher)
    {
        lock (_gate)
        {
            watchers.Remove(watcher);
        }
    }

    private ProbeLoop CreateLoop(Shard shard)
    {
        var probe = _options.CreateProbe?.Invoke(shard) ?? new PingProbe(shard.Addr, _options.ConfigureRedis);
        return new ProbeLoop(shard, probe, _options, _workers, NextInterval, OnVerdict);
    }

    private TimeSpan NextInterval()
    {
        lock (_options.Random)
        {
            return _options.Interval * (0.9 + (0.2 * _options.Random.NextDouble()));
        }
    }

    private void OnVerdict(ProbeLoop loop, ShardVerdict verdict)
    {
        lock (_gate)
        {
            // A loop that is being stopped has no say.
            if (!_loops.TryGetValue(loop.Addr, out var current) || current != loop)
            {
                return;
            }

            _abstentions = verdict == ShardVerdict.Abstaining ? _abstentions.Add(loop.Addr) : _abstentions.Remove(loop.Addr);
            if (verdict is not (ShardVerdict.Alive or ShardVerdict.Dead))
            {
                // Told even if there was no status to remove: who asks next finds out why there is none.
                Publish(_statuses.Remove(loop.Addr), always: true);
                return;
            }

            var status = new ShardStatus(loop.Addr, verdict == ShardVerdict.Alive, NextSince());

            // First what is asked, then who is told: whoever hears of a change and asks must find it.
            Publish(_statuses.SetItem(loop.Addr, status));
            _watchers.ForEach(watcher => watcher.Writer.TryWrite(status));
        }
    }

    // The wall clock may step back; the order of changes may not.
    private long NextSince()
    {
        var now = (_options.TimeProvider.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        return _lastSince = Math.Max(now, _lastSince + 1);
    }

    private void Publish(ImmutableDictionary<string, ShardStatus> statuses, bool always = false)
    {
        if (always || !ReferenceEquals(statuses, _statuses))
        {
            _statuses = statuses;
            _snapshotWatchers.ForEach(watcher => watcher.Writer.TryWrite(statuses));
        }
    }
}
