using System.Threading.Tasks.Sources;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// A request that a caller waits for, and the source of the value task that the caller awaits. Its continuations run on the thread pool, never under the
/// session's lock and never where the connection would wait for them: see <see cref="Finished"/>.
/// </summary>
internal class Request<T>(OpCode type, string? path, byte[] body, ReplyParser<T> parse, Chroot chroot)
    : Request(type, path, body), IValueTaskSource<T>, IValueTaskSource, IThreadPoolWorkItem
{
    private ReplyParser<T> _parse = parse;
    private Chroot _chroot = chroot;
    private ManualResetValueTaskSourceCore<T> _source;
    private CancellationTokenRegistration _cancellation;
    private OperationSpan _span;
    private T? _result;
    private Exception? _error;
    private bool _isDone;

    public override bool IsAwaited => !_isDone;

    /// <summary>What the caller awaits, once. Not under the lock.</summary>
    public ValueTask<T> Task => new(this, _source.Version);

    /// <summary>The same for a caller who wants no result.</summary>
    public ValueTask Completion => new(this, _source.Version);

    /// <summary>Begins to measure it. Not under the lock.</summary>
    public void Begin(ClientTelemetry telemetry) => _span = telemetry.Begin(this);

    /// <summary>Has the caller's token end the waiting. Not under the lock, after submission and before the caller sees the task.</summary>
    public void CancelWith(ClientSession session, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (state, token) =>
                {
                    var (session, request) = ((ClientSession, Request<T>))state!;
                    session.Cancel(request, token);
                },
                (session, this));
        }
    }

    public override bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches)
    {
        if (header.Error == ZooKeeperErrorCode.Ok)
        {
            TryFinish(_parse(ref body, _chroot));
        }
        else
        {
            Fail(header.Error, OperationOutcome.Refused, Operations.DescribeRefusal(Type, header));
        }

        return true;
    }

    public override void Fail(ZooKeeperErrorCode code, OperationOutcome outcome, string? message)
    {
        if (IsAwaited)
        {
            TryFail(
                code == ZooKeeperErrorCode.Unimplemented && message is null && Operations.FirstVersionOf(Type) is { } first
                    ? new ZooKeeperServerTooOldException($"{Type}", first, Path, Operations.RemedyFor(Type))
                    : new ZooKeeperException(code, Path, outcome, message ?? Describe(code, outcome)));
        }
    }

    public override void Cancel(CancellationToken cancellationToken)
    {
        if (IsAwaited)
        {
            TryFail(new OperationCanceledException(cancellationToken));
        }
    }

    /// <summary>Ends it with an error of ours, before it was submitted.</summary>
    public void Refuse(Exception error)
    {
        if (IsAwaited)
        {
            TryFail(error);
        }
    }

    T IValueTaskSource<T>.GetResult(short token) => GetResult(token);

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _source.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <summary>Tells the caller, whose code may run at once. Not under the lock.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        _span.End(_error);
        if (_error is not null)
        {
            _source.SetException(_error);
        }
        else
        {
            _source.SetResult(_result!);
        }
    }

    /// <summary>Hands over the result; false when the caller gave up.</summary>
    protected bool TryFinish(T result)
    {
        if (_isDone)
        {
            return false;
        }

        (_isDone, _result) = (true, result);
        Finished.Add(this);
        return true;
    }

    /// <summary>Hands over an error; false when the caller gave up.</summary>
    protected bool TryFail(Exception error)
    {
        if (_isDone)
        {
            return false;
        }

        (_isDone, _error) = (true, error);
        Finished.Add(this);
        return true;
    }

    /// <summary>Makes it new for another call. Not under the lock.</summary>
    protected void Renew(OpCode type, string? path, ReplyParser<T> parse, Chroot chroot)
    {
        (Type, Path, _parse, _chroot) = (type, path, parse, chroot);
        (_result, _error, _isDone) = (default, null, false);
        (Xid, BoundTo, IsIdentified) = (0, null, false);
    }

    /// <summary>The caller has taken the result. Not under the lock.</summary>
    protected virtual void Consumed()
    {
    }

    private T GetResult(short token)
    {
        // A task awaited twice fails here, before anything of the next user of this object is touched.
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("A ValueTask of the ZooKeeper client was asked for its result before it completed. Await it, once, or call AsTask().");
        }

        // Waits for a cancellation that runs at this moment.
        _cancellation.Dispose();
        _cancellation = default;
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            // Whoever awaits the task again is refused from here on, even while the session waits for a reply that nobody wants any more. And what the caller
            // was given should not live on in the pool.
            _source.Reset();
            (_result, _error, _span) = (default, null, default);
            Consumed();
        }
    }

    private string Describe(ZooKeeperErrorCode code, OperationOutcome outcome) => code == ZooKeeperErrorCode.NoAuth && Path is not null
        ? ZooKeeperException.DescribeRefusal(Subject, Path, Type is OpCode.Create or OpCode.Create2 or OpCode.CreateContainer or OpCode.CreateTtl or OpCode.Delete, IsIdentified)
        : ZooKeeperException.Describe(code, Subject, outcome);
}
