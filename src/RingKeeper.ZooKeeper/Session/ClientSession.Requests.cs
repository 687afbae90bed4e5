using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <content>What callers ask for, until it is written or taken back.</content>
internal sealed partial class ClientSession
{
    /// <summary>Submits a request. Cancelling ends the waiting, and takes the request back if it is not written yet.</summary>
    /// <returns>What the caller awaits.</returns>
    public ValueTask<T> SendAsync<T>(Request<T> request, CancellationToken cancellationToken)
    {
        Begin(request, cancellationToken);
        return request.Task;
    }

    /// <summary>The same for a caller who wants no result.</summary>
    public ValueTask SendOnlyAsync<T>(Request<T> request, CancellationToken cancellationToken)
    {
        Begin(request, cancellationToken);
        return request.Completion;
    }

    public ValueTask<WatchSubscription> SubscribeAsync(string path, WatchMode mode, SessionSnapshot? boundTo, CancellationToken cancellationToken) =>
        SendAsync(new AddWatchRequest(path, EncodePathMode(path, (int)mode), mode, granted => new WatchSubscription(this, path, granted)) { BoundTo = boundTo }, cancellationToken);

    /// <summary>A subscription served by one-shot watches; they are set when the task completes.</summary>
    public async Task<WatchSubscription> SubscribeEmulatedAsync(string path, SessionSnapshot? boundTo, CancellationToken cancellationToken)
    {
        var subscription = new WatchSubscription(this, path, WatchMode.Persistent);
        var emulation = subscription.Emulation = new EmulatedWatch(this, subscription);
        try
        {
            await emulation.ArmAsync(boundTo, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // One of the two may be set.
            await emulation.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        emulation.Start();
        return subscription;
    }

    /// <summary>Reads the znode and leaves a one-shot watch: of the znode itself or of its children.</summary>
    public ValueTask<WatchedResult<Stat?>> ReadAndWatchAsync(string path, OneShotKind kind, SessionSnapshot? boundTo, CancellationToken cancellationToken)
    {
        var body = RequestBody.Encode(new PathWatchRecord(_chroot.ToServer(path), Watch: false));
        return SendAsync(
            kind == OneShotKind.Data
                ? new WatchedRead<Stat?>(OpCode.Exists, path, body, kind, static (ref JuteReader reply, Chroot _) => StatRecord.Read(ref reply)) { BoundTo = boundTo }
                : new WatchedRead<Stat?>(OpCode.GetChildren2, path, body, kind, StatOfParent) { BoundTo = boundTo },
            cancellationToken);
    }

    /// <summary>Nobody waits for this one-shot watch any more.</summary>
    public void Forget(string path, Task<WatchedEvent> watch)
    {
        lock (_gate)
        {
            _watches.RemoveOneShot(path, watch);
        }
    }

    public ValueTask<bool> RemoveWatchesAsync(string path, SessionSnapshot? boundTo, CancellationToken cancellationToken) =>
        SendAsync(new RemoveAllWatchesRequest(path, EncodePathMode(path, RemoveWatchRequest.AnyType)) { BoundTo = boundTo }, cancellationToken);

    public ValueTask<bool> HasWatchAsync(string path, int type, SessionSnapshot? boundTo, CancellationToken cancellationToken) =>
        SendAsync(new CheckWatchesRequest(path, EncodePathMode(path, type)) { BoundTo = boundTo }, cancellationToken);

    private static Stat? StatOfParent(ref JuteReader reply, Chroot chroot)
    {
        reply.ReadStrings();
        return StatRecord.Read(ref reply);
    }

    public void Unsubscribe(WatchSubscription subscription)
    {
        lock (_gate)
        {
            _watches.RemoveSubscription(subscription);
        }
    }

    /// <summary>Ends the waiting for a request.</summary>
    public void Cancel(Request request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var isBack = _requests.Remove(request);
            request.Cancel(cancellationToken);
            if (isBack)
            {
                request.Detach();
            }
        }
    }

    private void Begin<T>(Request<T> request, CancellationToken cancellationToken)
    {
        Connection? idle;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            request.Begin(_telemetry);
            idle = Submit(request);
        }
        catch (Exception exception) when (exception is ZooKeeperException or OperationCanceledException or ObjectDisposedException)
        {
            // It never got into the queue, so nothing else ends it.
            lock (_gate)
            {
                request.Refuse(exception);
                request.Detach();
            }

            return;
        }

        request.CancelWith(this, cancellationToken);
        idle?.WriteNow();
    }

    // Gives the connection that the caller should write to at once.
    private Connection? Submit(Request request)
    {
        if (request.FrameLength > _options.MaxFrameLength)
        {
            throw new ZooKeeperException(
                ZooKeeperErrorCode.MarshallingError,
                request.Path,
                OperationOutcome.Refused,
                $"The request ({request.Subject}) takes {request.FrameLength} bytes; the server would drop the connection for more than {_options.MaxFrameLength}. "
                + "Store less in one znode, or raise jute.maxbuffer on the servers and MaxFrameLength here.");
        }

        lock (_gate)
        {
            if (_phase == Phase.AuthFailed)
            {
                throw new ZooKeeperException(ZooKeeperErrorCode.AuthFailed, request.Path, OperationOutcome.NotSent, AuthFailedMessage);
            }

            ObjectDisposedException.ThrowIf(_phase != Phase.Open, typeof(ZooKeeperClient));
            if (_requests.Count >= _options.MaxPendingRequests)
            {
                throw new ZooKeeperException(
                    ZooKeeperErrorCode.ThrottledOperation,
                    request.Path,
                    OperationOutcome.NotSent,
                    $"{_requests.Count} requests of this client wait already, so this one ({request.Subject}) was not taken. Await requests before making more, or raise MaxPendingRequests.");
            }

            if (request.BoundTo is { } bound && !bound.Lasts(_feed.Current))
            {
                throw SessionBoundStore.Over(bound, _feed.Current, request.Path);
            }

            var isAlone = _requests.Count == 0;
            Add(request);
            if (isAlone)
            {
                return _connection;
            }

            _connection?.Wake();
            return null;
        }
    }

    private void Enqueue(Request request)
    {
        Add(request);
        _connection?.Wake();
    }

    private void Add(Request request)
    {
        request.SubmittedAt = _time.GetTimestamp();
        _requests.Add(request);
        if (!_isSweeping)
        {
            _isSweeping = true;
            _sweeper.Change(_options.UnsentTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    private void FailOverdue()
    {
        lock (_gate)
        {
            _isSweeping = false;
            SweepUnsent();
        }
    }

    // Ends what waited too long for a connection, and comes back when the next one will have.
    private void SweepUnsent()
    {
        while (_phase != Phase.Finished && _requests.OldestUnsent is { } oldest)
        {
            var left = _options.UnsentTimeout - _time.GetElapsedTime(oldest.SubmittedAt);
            if (left > TimeSpan.Zero)
            {
                _isSweeping = true;
                _sweeper.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
                return;
            }

            _requests.FailUnsent(oldest, ZooKeeperErrorCode.ConnectionLoss, message: null);
        }
    }

    private byte[] EncodePathMode(string path, int mode) =>
        RequestBody.Encode(new PathModeRecord(_chroot.ToServer(path), mode));
}
