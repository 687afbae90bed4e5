using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Reads the record behind a reply header.</summary>
internal delegate T ReplyParser<out T>(ref JuteReader body, Chroot chroot);

/// <summary>One request from submission to reply. Every member but the constructor is called under the session's lock.</summary>
internal abstract class Request(OpCode type, string? path, byte[] body)
{
    /// <summary>Xid and operation code stand before the body.</summary>
    public const int HeaderLength = 8;

    public OpCode Type { get; } = type;

    /// <summary>The path as the caller gave it, for errors.</summary>
    public string? Path { get; } = path;

    /// <summary>What it is, for errors. Never credentials.</summary>
    public virtual string Subject => Path is null ? $"{Type}" : $"{Type} {Path}";

    public byte[] Body { get; } = body;

    public int FrameLength => HeaderLength + Body.Length;

    public int Xid { get; set; }

    /// <summary>When it was submitted, as a timestamp of the session's clock.</summary>
    public long SubmittedAt { get; set; }

    /// <summary>Its place among the unsent requests; null from the moment it is written.</summary>
    public LinkedListNode<Request>? Node { get; set; }

    /// <summary>The only connection it may be written to; null where any will do.</summary>
    public SessionSnapshot? BoundTo { get; set; }

    /// <summary>Whether the session has proved an identity; it decides what a refusal means.</summary>
    public bool IsIdentified { get; set; }

    /// <summary>Last touch before it is written, in the order of the wire. False takes it back: it has become needless.</summary>
    public virtual bool Prepare(WatchRegistry watches) => true;

    /// <summary>Takes the reply. False asks for the request to be sent again.</summary>
    public abstract bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches);

    /// <summary>Ends it without a reply.</summary>
    public abstract void Fail(ZooKeeperErrorCode code, OperationOutcome outcome, string? message);

    /// <summary>Ends the waiting of a caller who lost interest.</summary>
    public virtual void Cancel(CancellationToken cancellationToken)
    {
    }
}

/// <summary>A request that a caller waits for. Its continuations run on the thread pool, never on the connection's loop.</summary>
internal class Request<T>(OpCode type, string? path, byte[] body, ReplyParser<T> parse, Chroot chroot) : Request(type, path, body)
{
    protected TaskCompletionSource<T> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => Source.Task;

    public override bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches)
    {
        if (header.Error == ZooKeeperErrorCode.Ok)
        {
            Source.TrySetResult(parse(ref body, chroot));
        }
        else
        {
            Fail(header.Error, OperationOutcome.Refused, Operations.DescribeRefusal(Type, header));
        }

        return true;
    }

    public override void Fail(ZooKeeperErrorCode code, OperationOutcome outcome, string? message)
    {
        Source.TrySetException(
            code == ZooKeeperErrorCode.Unimplemented && message is null && Operations.FirstVersionOf(Type) is { } first
                ? new ZooKeeperServerTooOldException($"{Type}", first, Path, Operations.RemedyFor(Type))
                : new ZooKeeperException(code, Path, outcome, message ?? Describe(code, outcome)));

        // Credentials sent again on a new connection have no caller; looking at the exception marks it as observed.
        _ = Source.Task.Exception;
    }

    private string Describe(ZooKeeperErrorCode code, OperationOutcome outcome) => code == ZooKeeperErrorCode.NoAuth && Path is not null
        ? ZooKeeperException.DescribeRefusal(Subject, Path, Type is OpCode.Create or OpCode.Create2 or OpCode.CreateContainer or OpCode.CreateTtl or OpCode.Delete, IsIdentified)
        : ZooKeeperException.Describe(code, Subject, outcome);

    public override void Cancel(CancellationToken cancellationToken) => Source.TrySetCanceled(cancellationToken);
}
