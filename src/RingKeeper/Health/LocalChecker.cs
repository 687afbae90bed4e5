using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>Probes shards from this process and keeps a verdict on each; sees what this process sees, no more.</summary>
public sealed class LocalChecker : IHealthChecker, IShardObserver
{
    private readonly LocalCheckerOptions _options;
    private readonly SemaphoreSlim _workers;
    private readonly SelfWatch _self;
    private readonly Lock _gate = new();

    // All under _gate.
    private readonly Dictionary<string, ProbeLoop> _loops = new(StringComparer.Ordinal);
    private readonly List<Task> _stopping = [];
    private readonly List<Channel<ShardStatus>> _watchers = [];
    private readonly List<Channel<IReadOnlyDictionary<string, ShardStatus>>> _snapshotWatchers = [];
    private readonly VerdictTimes _times;
    private FlapPolicy _flapPolicy;
    private bool _disposed;

    // When a pause was last told. Under _gate.
    private TimeSpan? _pauseTold;

    // Written only under _gate.
    private volatile ImmutableDictionary<string, ShardObservation> _observations = ImmutableDictionary.Create<string, ShardObservation>(StringComparer.Ordinal);

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
        _flapPolicy = options.FlapPolicy;
        _times = new VerdictTimes(options.TimeProvider);
        _workers = new SemaphoreSlim(options.WorkerCount);
        _self = new SelfWatch(options.Threshold, options.TimeProvider, options.SelfSensors ?? new SelfSensors(options.TimeProvider).Read, OnPause);
    }

    /// <summary>The present verdicts by address, an immutable snapshot. A shard without a verdict, not known yet or misconfigured, is not in it.</summary>
    public IReadOnlyDictionary<string, ShardStatus> Statuses => _statuses;

    /// <summary>
    /// What is known of each shard, by address: an immutable snapshot, replaced when a verdict, an abstention, a run_id, a role, an error or a suppression
    /// changes. Its times of probes and round trips are of then; <see cref="Observe"/> has those of now.
    /// </summary>
    internal ImmutableDictionary<string, ShardObservation> Observations => _observations;

    /// <inheritdoc/>
    IReadOnlyDictionary<string, ShardObservation> IShardObserver.Observations => _observations;

    /// <summary>The addresses that this checker says nothing about on purpose, since they refuse it or it does not trust itself; an immutable snapshot.</summary>
    internal IReadOnlySet<string> Abstentions => _abstentions;

    /// <summary>What is known of a shard right now; null if it is not checked.</summary>
    internal ShardObservation? Observe(string addr)
    {
        ProbeLoop? loop;
        lock (_gate)
        {
            loop = _loops.GetValueOrDefault(addr);
        }

        // Outside the gate: a loop reports while it holds its own.
        var now = loop?.Observe();
        return now is null || !_observations.TryGetValue(addr, out var known) ? null : now with { Since = known.Since };
    }

    /// <inheritdoc/>
    ShardObservation? IShardObserver.Observe(string addr) => Observe(addr);

    /// <inheritdoc/>
    void IShardObserver.SetFlapPolicy(FlapPolicy policy) => SetFlapPolicy(policy);

    /// <summary>Changes what a shard that died must do to return; past deaths count under the new policy as if it had always been in force.</summary>
    internal void SetFlapPolicy(FlapPolicy policy)
    {
        ProbeLoop[] loops;
        lock (_gate)
        {
            if (_flapPolicy == policy)
            {
                return;
            }

            _flapPolicy = policy;
            loops = [.. _loops.Values];
        }

        foreach (var loop in loops)
        {
            loop.SetFlapPolicy(policy);
        }
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
                _times.Forget(loop.Addr);
                Publish(_statuses.Remove(loop.Addr), _observations.Remove(loop.Addr));
            }

            foreach (var loop in started)
            {
                _loops.Add(loop.Addr, loop);
                _observations = _observations.SetItem(loop.Addr, new ShardObservation(loop.Addr));
                loop.Start();
            }

            if (_options.WatchesItself)
            {
                _self.Start();
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

    /// <summary>
    /// Yields <see cref="Statuses"/> now and after each change of what is known of a shard, verdicts withdrawn and reasons that changed included; a slow
    /// reader gets the latest. Ends on disposal.
    /// </summary>
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
        await _self.DisposeAsync().ConfigureAwait(false);
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
        return new ProbeLoop(shard, probe, _options, _flapPolicy, _workers, _self, NextInterval, OnSeen);
    }

    private TimeSpan NextInterval()
    {
        lock (_options.Random)
        {
            return _options.Interval * (0.9 + (0.2 * _options.Random.NextDouble()));
        }
    }

    private void OnSeen(ProbeLoop loop, ShardObservation seen, ShardVerdict standing)
    {
        lock (_gate)
        {
            // A loop that is being stopped has no say.
            if (!_loops.TryGetValue(loop.Addr, out var current) || current != loop)
            {
                return;
            }

            var status = _times.Stand(seen, standing);
            seen = seen with { Since = status?.Since ?? 0 };
            if (_observations.TryGetValue(loop.Addr, out var known) && known.SaysTheSameAs(seen))
            {
                return;
            }

            var observations = _observations.SetItem(loop.Addr, seen);
            _abstentions = seen.IsAbstaining ? _abstentions.Add(loop.Addr) : _abstentions.Remove(loop.Addr);
            if (seen.Alive is null || status is null)
            {
                // Told even if there was no status to remove: who asks next finds out why there is none.
                Publish(_statuses.Remove(loop.Addr), observations);
                return;
            }

            // First what is asked, then who is told: whoever hears of a change and asks must find it.
            var changed = !_statuses.TryGetValue(loop.Addr, out var before) || before != status;
            Publish(changed ? _statuses.SetItem(loop.Addr, status) : _statuses, observations);
            if (changed)
            {
                _watchers.ForEach(watcher => watcher.Writer.TryWrite(status));
            }
        }
    }

    private void OnPause(Attention attention)
    {
        ProbeLoop[] loops;
        bool isNews;
        lock (_gate)
        {
            loops = [.. _loops.Values];

            // A machine that is starved of its processor pauses all the time; once a minute is told loudly enough.
            isNews = _pauseTold is not { } told || attention.PausedUntil - told >= TimeSpan.FromMinutes(1);
            _pauseTold = isNews ? attention.PausedUntil : _pauseTold;
        }

        HealthLog.Paused(_options.Logger, isNews ? LogLevel.Warning : LogLevel.Debug, loops.Length, attention.Reason);
        foreach (var loop in loops)
        {
            loop.OnPause();
        }
    }

    private void Publish(ImmutableDictionary<string, ShardStatus> statuses, ImmutableDictionary<string, ShardObservation> observations)
    {
        _statuses = statuses;
        _observations = observations;
        _snapshotWatchers.ForEach(watcher => watcher.Writer.TryWrite(statuses));
    }
}
