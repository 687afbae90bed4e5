using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// Finds out which run of a shard's server one connection reaches: empties the slot before each socket is connected, so before anything can be read over it, and
/// asks over the very connection once it stands. Tells when the view names another run than the connection reaches.
/// </summary>
internal sealed class RunInquiry(string addr, string cluster, ClusterOptions options)
{
    // INFO itself would need AllowAdmin, which would open every admin command to the application.
    private const string Question = "return redis.call('INFO', 'server')";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongDifference = TimeSpan.FromSeconds(10);

    // Guards everything below and every write of the slot.
    private readonly Lock _gate = new();

    // Counts the connections begun: an answer counts only for the one that it was asked over.
    private int _generation;
    private int _retried = -1;
    private string? _viewsRun;
    private ITimer? _difference;
    private bool _toldUntold;
    private bool _toldDifference;
    private bool _isClosed;

    /// <summary>What routes read.</summary>
    public ShardRunSlot Slot { get; } = new();

    /// <summary>To be called before each socket of commands is connected.</summary>
    public void BeforeConnect()
    {
        lock (_gate)
        {
            _generation++;
            Slot.Current = null;
            WatchDifference();
        }
    }

    /// <summary>Follows an open connection; ends with the answer to the first question, or with its failure, after which it goes on asking.</summary>
    public Task FollowAsync(IConnectionMultiplexer multiplexer)
    {
        if (IsOpen(0))
        {
            // An answer could not be told from one of an earlier connection.
            Take(0, null, "what ConfigureRedis sets connects without a socket, so that nobody tells when");
            return Task.CompletedTask;
        }

        multiplexer.ConnectionRestored += (_, e) =>
        {
            if (e.ConnectionType == ConnectionType.Interactive)
            {
                _ = AskAsync(multiplexer);
            }
        };
        return AskAsync(multiplexer);
    }

    /// <summary>Whether the connection still reaches the run that the view knew until now, and the next view another one: an old process answers it.</summary>
    /// <param name="runId">The run that the next view names; null where it names none.</param>
    public bool IsOutlivedBy(string? runId)
    {
        lock (_gate)
        {
            return runId is not null && _viewsRun is not null && runId != _viewsRun && Slot.Current?.RunId == _viewsRun;
        }
    }

    /// <summary>Takes note of the run that the view in use names; null where it names none.</summary>
    public void Expect(string? runId)
    {
        lock (_gate)
        {
            _viewsRun = runId ?? _viewsRun;
            WatchDifference();
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _generation++;
            Slot.Current = null;
            WatchDifference();
        }
    }

    // Ends with the first try, whatever became of it. The number is taken before the question is sent: a connection begun later has another one.
    private async Task AskAsync(IConnectionMultiplexer multiplexer)
    {
        int generation;
        lock (_gate)
        {
            generation = _generation;
        }

        if (IsOpen(generation) && !await TryAskAsync(multiplexer, generation).ConfigureAwait(false) && MayRetry(generation))
        {
            _ = AskOnAsync(multiplexer, generation);
        }
    }

    // One asks again for each connection.
    private bool MayRetry(int generation)
    {
        lock (_gate)
        {
            var isFirst = _retried != generation;
            _retried = generation;
            return isFirst;
        }
    }

    private async Task AskOnAsync(IConnectionMultiplexer multiplexer, int generation)
    {
        var pause = FirstPause;
        do
        {
            await Task.Delay(pause, options.TimeProvider, CancellationToken.None).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
        while (IsOpen(generation) && !await TryAskAsync(multiplexer, generation).ConfigureAwait(false));
    }

    // False: worth another try, as long as the connection stands.
    private async Task<bool> TryAskAsync(IConnectionMultiplexer multiplexer, int generation)
    {
        try
        {
            // Without the cache of scripts it is one EVAL, which needs no right to load scripts.
            var reply = await multiplexer.GetDatabase().ScriptEvaluateAsync(Question, flags: CommandFlags.NoScriptCache).ConfigureAwait(false);
            Take(generation, reply is null ? null : ServerInfo.RunIdIn(reply.ToString() ?? ""), "its INFO holds none");
            return true;
        }
        catch (Exception exception) when (IsPassing(exception))
        {
            return false;
        }
        catch (Exception exception)
        {
            Take(generation, null, exception.Message);
            return true;
        }
    }

    private void Take(int generation, string? runId, string whyNone)
    {
        bool tells;
        lock (_gate)
        {
            // Of two answers the first counts: reads that it let pass are not to become misses by the second.
            if (!IsOpen(generation))
            {
                return;
            }

            Slot.Current = new ShardRun(runId);
            WatchDifference();
            tells = runId is null && !_toldUntold;
            _toldUntold |= tells;
        }

        if (tells)
        {
            ShardsLog.RunUntold(options.Logger, cluster, addr, whyNone);
        }
    }

    private bool IsOpen(int generation)
    {
        lock (_gate)
        {
            return generation == _generation && Slot.Current is null && !_isClosed;
        }
    }

    // Under _gate. A restart that the checkers have yet to publish is such a difference too, but a short one.
    private void WatchDifference()
    {
        if (!Differs())
        {
            _difference?.Dispose();
            _difference = null;
        }
        else if (!_toldDifference)
        {
            _difference ??= options.TimeProvider.CreateTimer(static inquiry => ((RunInquiry)inquiry!).TellDifference(), this, LongDifference, Timeout.InfiniteTimeSpan);
        }
    }

    private bool Differs() => _viewsRun is not null && Slot.Current?.RunId is { } reached && reached != _viewsRun;

    private void TellDifference()
    {
        string reached;
        string reported;
        lock (_gate)
        {
            if (!Differs() || _toldDifference)
            {
                return;
            }

            _toldDifference = true;
            (reached, reported) = (Slot.Current!.RunId!, _viewsRun!);
        }

        ShardsLog.RunsDiffer(options.Logger, cluster, addr, reached, reported, LongDifference);
    }

    private static bool IsPassing(Exception exception) => exception switch
    {
        RedisConnectionException or TimeoutException or OperationCanceledException or ObjectDisposedException => true,
        RedisServerException server => server.Kind is RedisErrorKind.Loading or RedisErrorKind.Busy or RedisErrorKind.MasterDown or RedisErrorKind.TryAgain,
        _ => false,
    };
}
