using Microsoft.Extensions.Logging;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// Keeps an ephemeral znode in place for as long as the process runs, such as the entry of a member of a group: it is made again in each new session, after somebody deleted it, and where the znode of
/// an earlier session of this client still stands. Safe for concurrent use.
/// </summary>
/// <remarks>
/// A znode of that path which belongs to somebody else is left alone; this one is made once it is gone. Data are written when they differ from what stands there, so writing them twice changes nothing.
/// </remarks>
public sealed class EphemeralNode : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);

    private readonly ZooKeeperClient _client;
    private readonly IZNodeStore _store;
    private readonly IReadOnlyList<Acl>? _acl;
    private readonly ILogger _logger;
    private readonly WakeSignal _wake;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Lazy<Task> _disposal;

    // Sessions that made the znode, or may have: one that is not the present one is over, whatever the servers still keep of it. The loop's alone.
    private readonly HashSet<long> _ownSessions = [];

    // What is to stand in the znode; a new array for each change.
    private ReadOnlyMemory<byte> _data;
    private long _wanted;

    // Completes when the znode stands with the data of that change, in a session that is connected.
    private TaskCompletionSource _present = NewSource();
    private bool _isPresent;
    private string? _told;
    private Task<WatchedEvent>? _changed;
    private Task _running = Task.CompletedTask;

    private EphemeralNode(ZooKeeperClient client, string path, ReadOnlyMemory<byte> data, IReadOnlyList<Acl>? acl)
    {
        (_client, _store, Path, _data, _acl, _logger) = (client, client, path, data.ToArray(), acl, client.Options.Logger);
        _wake = new WakeSignal(client.Options.TimeProvider);
        _disposal = new Lazy<Task>(StopAsync);
    }

    /// <summary>Gets the znode.</summary>
    public string Path { get; }

    /// <summary>Gets a value indicating whether the znode stood, with its data, when it was looked at last, and the session has been connected since.</summary>
    public bool IsPresent
    {
        get
        {
            lock (_gate)
            {
                return _isPresent;
            }
        }
    }

    /// <summary>Makes the znode, and those above it where they are missing, and keeps it.</summary>
    /// <param name="client">The client whose session owns it.</param>
    /// <param name="path">The path.</param>
    /// <param name="data">The data (default: none); they are copied.</param>
    /// <param name="acl">The ACL (default: the client's default).</param>
    /// <param name="cancellationToken">Gives up; what was made is deleted.</param>
    /// <returns>The znode, in place. It waits for one of another session to go.</returns>
    /// <exception cref="ZooKeeperException">The servers refused it for a reason that does not pass, such as a missing permission.</exception>
    public static async Task<EphemeralNode> CreateAsync(
        ZooKeeperClient client, string path, ReadOnlyMemory<byte> data = default, IReadOnlyList<Acl>? acl = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        RecipePath.Check(path);
        var node = new EphemeralNode(client, path, data, acl);
        node._running = Task.WhenAll(node.RunAsync(node._stop.Token), client.PumpAsync(node.OnSession, node._stop.Token));
        try
        {
            await node.WhenPresentAsync(cancellationToken).ConfigureAwait(false);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until the znode stands with its data.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that completes then.</returns>
    /// <exception cref="ZooKeeperException">The servers refused it for a reason that does not pass.</exception>
    public Task WhenPresentAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return _present.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Changes the data, now and in every session to come.</summary>
    /// <param name="data">The data; they are copied.</param>
    /// <param name="cancellationToken">Ends the waiting; the data are written all the same.</param>
    /// <returns>A task that completes when they stand in the znode.</returns>
    public Task SetDataAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposal.IsValueCreated, this);
        Task written;
        lock (_gate)
        {
            _data = data.ToArray();
            _wanted++;
            BeAbsent();
            written = _present.Task;
        }

        _wake.Set();
        return written.WaitAsync(cancellationToken);
    }

    /// <summary>Deletes the znode and keeps it no more. Without a connection it is deleted in the background, or goes with the session.</summary>
    /// <returns>A task that completes when the loop has ended.</returns>
    public async ValueTask DisposeAsync() => await _disposal.Value.ConfigureAwait(false);

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void OnSession()
    {
        lock (_gate)
        {
            if (_client.Session.State != SessionState.Connected)
            {
                BeAbsent();
            }
        }

        _wake.Set();
    }

    // Under the lock.
    private void BeAbsent()
    {
        _isPresent = false;
        if (_present.Task.IsCompleted)
        {
            _present = NewSource();
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var pause = Timeout.InfiniteTimeSpan;
            try
            {
                var session = await _client.WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
                pause = await StepAsync(session, cancellationToken).ConfigureAwait(false);
            }
            catch (ZooKeeperException e) when (SessionRules.IsPassing(e))
            {
                pause = RetryPause;
            }
            catch (ZooKeeperException e)
            {
                if (_told != e.Message)
                {
                    RecipeLog.EphemeralTrouble(_logger, Path, e.Message);
                    _told = e.Message;
                }

                Fail(e);
                pause = RetryPause * 10;
            }
            catch (ObjectDisposedException e)
            {
                Fail(e);
                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await _wake.WaitAsync(pause, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private void Fail(Exception exception)
    {
        lock (_gate)
        {
            BeAbsent();
            _present.TrySetException(exception);
            _ = _present.Task.Exception;
        }
    }

    // Brings the znode one step nearer to what it is to be. All of it goes over one connection.
    private async Task<TimeSpan> StepAsync(SessionSnapshot session, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> data;
        long wanted;
        lock (_gate)
        {
            (data, wanted) = (_data, _wanted);
        }

        var store = _store.BoundTo(session);
        NodeData read;
        try
        {
            read = await ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            await CreateAsync(store, session, data, cancellationToken).ConfigureAwait(false);
            return TimeSpan.Zero;
        }

        var (present, stat) = read;
        if (stat.EphemeralOwner != session.SessionId)
        {
            return await AwaitOtherAsync(store, stat, cancellationToken).ConfigureAwait(false);
        }

        if (!data.Span.SequenceEqual(present))
        {
            await TryAsync(store.SetDataAsync(Path, data, stat.Version, cancellationToken)).ConfigureAwait(false);
            return TimeSpan.Zero;
        }

        lock (_gate)
        {
            if (wanted == _wanted && session.Lasts(_client.Session))
            {
                (_isPresent, _told) = (true, null);
                _present.TrySetResult();
            }
        }

        return Timeout.InfiniteTimeSpan;
    }

    // One watch waits at a time.
    private async Task<NodeData> ReadAsync(CancellationToken cancellationToken)
    {
        if (_changed is { IsCompleted: false })
        {
            return await _client.GetDataAsync(Path, cancellationToken).ConfigureAwait(false);
        }

        var (read, changed) = await _client.GetDataAndWatchAsync(Path, cancellationToken).ConfigureAwait(false);
        _changed = changed;
        PredecessorWatch.WakeWhen(changed, _wake.Set);
        return read;
    }

    private async Task CreateAsync(IZNodeStore store, SessionSnapshot session, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            BeAbsent();
        }

        // Before it is made: where the answer is lost, the znode is its own all the same.
        _ownSessions.Add(session.SessionId);
        try
        {
            await store.CreateAsync(Path, data, CreateMode.Ephemeral, _acl, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NodeExists)
        {
            // Made between the look and this; whose it is shows the next look.
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            await _client.EnsurePathAsync(SessionRules.ParentOf(Path), _acl, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<TimeSpan> AwaitOtherAsync(IZNodeStore store, Stat stat, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            BeAbsent();
        }

        if (_ownSessions.Contains(stat.EphemeralOwner))
        {
            // Left by an earlier session of this very client.
            await TryAsync(store.DeleteAsync(Path, stat.Version, cancellationToken)).ConfigureAwait(false);
            return TimeSpan.Zero;
        }

        if (stat.EphemeralOwner == 0)
        {
            // Tried again once it is gone, which its watch tells.
            Fail(new ZooKeeperException(ZooKeeperErrorCode.NodeExists, Path, OperationOutcome.Refused, $"{Path} exists and is no ephemeral znode; it stays until somebody deletes it. Use another path."));
            return Timeout.InfiniteTimeSpan;
        }

        var holder = $"0x{stat.EphemeralOwner:x}";
        if (_told != holder)
        {
            RecipeLog.HeldByAnother(_logger, Path, stat.EphemeralOwner);
            _told = holder;
        }

        return Timeout.InfiniteTimeSpan;
    }

    // What came in between shows the next look.
    private static async Task TryAsync(Task write)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Code is ZooKeeperErrorCode.NoNode or ZooKeeperErrorCode.BadVersion)
        {
        }
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        Fail(new ObjectDisposedException(nameof(EphemeralNode)));
        await _client.WhileConnectedAsync(DeleteOwnAsync()).ConfigureAwait(false);
    }

    private async Task DeleteOwnAsync()
    {
        while (true)
        {
            try
            {
                var session = await _client.WhenConnectedAsync(CancellationToken.None).ConfigureAwait(false);
                if (await _client.ExistsAsync(Path).ConfigureAwait(false) is { } stat && _ownSessions.Contains(stat.EphemeralOwner))
                {
                    await _store.BoundTo(session).DeleteAsync(Path, stat.Version).ConfigureAwait(false);
                }

                return;
            }
            catch (ZooKeeperException e) when (SessionRules.IsPassing(e) || e.Code == ZooKeeperErrorCode.BadVersion)
            {
                await Task.Delay(RetryPause, _client.Options.TimeProvider).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ZooKeeperException or ObjectDisposedException)
            {
                if (e is ZooKeeperException { Code: not ZooKeeperErrorCode.NoNode })
                {
                    RecipeLog.NotDeleted(_logger, Path, e.Message);
                }

                return;
            }
        }
    }
}
