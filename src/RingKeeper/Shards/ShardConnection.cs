using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>The connection to one shard address: opening, open, failed, or closed. One multiplexer, shared by all.</summary>
internal sealed class ShardConnection
{
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(50);

    private readonly string _cluster;
    private readonly ClusterOptions _options;
    private readonly RunInquiry _run;
    private readonly bool _asksForRun;
    private readonly long _begun;
    private IDatabase? _database;

    // The first failure since the connection stood last; null while it stands, or where it never did.
    private volatile Loss? _loss;

    /// <summary>Begins to open a connection.</summary>
    /// <param name="addr">The shard's address.</param>
    /// <param name="cluster">The cluster's name, for the log.</param>
    /// <param name="options">The options.</param>
    /// <param name="open">Opens it; calls the action it is given before each socket is connected, later ones too.</param>
    /// <param name="asksForRun">Whether it finds out which run of the server it reaches (default: true); of no use where no view names one.</param>
    public ShardConnection(string addr, string cluster, ClusterOptions options, Func<string, Action, Task<IConnectionMultiplexer>> open, bool asksForRun = true)
    {
        Addr = addr;
        _cluster = cluster;
        _options = options;
        _run = new RunInquiry(addr, cluster, options);
        _asksForRun = asksForRun;
        _begun = options.TimeProvider.GetTimestamp();
        Opening = OpenAsync(open);
    }

    public string Addr { get; }

    /// <summary>The run of the server that it reaches.</summary>
    public ShardRunSlot Run => _run.Slot;

    /// <summary>Ends when the connection can be used, or fails with the <see cref="RingKeeperException"/> that says why it never will.</summary>
    public Task<IConnectionMultiplexer> Opening { get; }

    /// <summary>What to send commands to; null until the connection is open.</summary>
    public IDatabase? Database => Volatile.Read(ref _database);

    /// <summary>Why it cannot be used now; null while it can.</summary>
    public ShardConnectionTrouble? Trouble
    {
        get
        {
            if (Opening.IsFaulted)
            {
                // Its message may quote what ConfigureRedis holds.
                return new("it cannot be opened (event 3003 tells more)", null);
            }

            var (time, loss) = (_options.TimeProvider, _loss);
            return Database is not { } database ? new("it is being opened", time.GetElapsedTime(_begun))
                : database.Multiplexer.IsConnected ? null
                : new(loss is null ? "it is not connected" : $"it is not connected ({loss.Kind})", time.GetElapsedTime(loss?.At ?? _begun));
        }
    }

    /// <summary>Whether it reaches a run of the server that ended by what the next view knows; null where that names no run.</summary>
    public bool IsOutlivedBy(string? runId) => _run.IsOutlivedBy(runId);

    /// <summary>Takes note of the run that the view in use names; null where it names none.</summary>
    public void Expect(string? runId) => _run.Expect(runId);

    /// <summary>Waits until the connection is open, its opening has failed, or the timeout has passed; none of these throws.</summary>
    public async Task WaitForOpenAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await Opening.WaitAsync(timeout, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            ShardsLog.OpenIsSlow(_options.Logger, _cluster, Addr, timeout);
        }
        catch (RingKeeperException)
        {
            // Logged by the opening itself; the lookup that needs this shard throws it.
        }
    }

    /// <summary>Closes after the outstanding operations are done, or the drain timeout has passed, or at once when cancelled.</summary>
    /// <param name="atOnce">Ends the wait.</param>
    /// <param name="keepFor">How long it is kept before that (default: not at all).</param>
    public async Task DrainAndCloseAsync(CancellationToken atOnce, TimeSpan keepFor = default)
    {
        if (keepFor > TimeSpan.Zero)
        {
            await Task.Delay(keepFor, _options.TimeProvider, atOnce).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        IConnectionMultiplexer multiplexer;
        try
        {
            multiplexer = await Opening.ConfigureAwait(false);
        }
        catch (RingKeeperException)
        {
            return;
        }

        try
        {
            await DrainAsync(multiplexer, atOnce).ConfigureAwait(false);
            _run.Close();

            // Disposal alone would wait once more for what is outstanding: on a shard that hangs, for the whole operation timeout.
            await multiplexer.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
            await multiplexer.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            ShardsLog.CloseFailed(_options.Logger, _cluster, Addr, exception);
        }
    }

    // A caller may hold a route that it took just before the swap: idle counts only when seen twice, a poll apart.
    private async Task DrainAsync(IConnectionMultiplexer multiplexer, CancellationToken atOnce)
    {
        var time = _options.TimeProvider;
        var start = time.GetTimestamp();
        var idle = 0;
        while (!atOnce.IsCancellationRequested)
        {
            var outstanding = multiplexer.GetCounters().TotalOutstanding;
            idle = outstanding == 0 ? idle + 1 : 0;
            if (idle == 2)
            {
                return;
            }

            if (time.GetElapsedTime(start) >= _options.DrainTimeout)
            {
                if (outstanding > 0)
                {
                    ShardsLog.DrainTimedOut(_options.Logger, _cluster, Addr, outstanding, _options.DrainTimeout);
                }

                return;
            }

            await Task.Delay(DrainPoll, time, atOnce).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IConnectionMultiplexer> OpenAsync(Func<string, Action, Task<IConnectionMultiplexer>> open)
    {
        try
        {
            var multiplexer = await open(Addr, _run.BeforeConnect).ConfigureAwait(false);

            multiplexer.ConnectionFailed += NoteLoss;
            multiplexer.ConnectionRestored += NoteReturn;
            if (_asksForRun)
            {
                // Before the first use, since until the run is known every read is a miss.
                await _run.FollowAsync(multiplexer).ConfigureAwait(false);
            }

            Volatile.Write(ref _database, multiplexer.GetDatabase());
            return multiplexer;
        }
        catch (Exception exception)
        {
            ShardsLog.OpenFailed(_options.Logger, _cluster, Addr, exception);
            throw new RingKeeperException($"No connection to shard {Addr} can be opened: {exception.Message} Check its address and what ConfigureRedis sets.", exception);
        }
    }

    private void NoteLoss(object? sender, ConnectionFailedEventArgs failure)
    {
        if (failure.ConnectionType == ConnectionType.Interactive)
        {
            _loss ??= new Loss(failure.FailureType, _options.TimeProvider.GetTimestamp());
        }
    }

    private void NoteReturn(object? sender, ConnectionFailedEventArgs restored)
    {
        if (restored.ConnectionType == ConnectionType.Interactive)
        {
            _loss = null;
        }
    }

    private sealed record Loss(ConnectionFailureType Kind, long At);
}
