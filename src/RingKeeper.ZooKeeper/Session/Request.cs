using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Reads the record behind a reply header.</summary>
internal delegate T ReplyParser<out T>(ref JuteReader body, Chroot chroot);

/// <summary>One request from submission to reply. Every member but the constructor is called under the session's lock, unless it says otherwise.</summary>
internal abstract class Request(OpCode type, string? path, byte[] body)
{
    /// <summary>Xid and operation code stand before the body.</summary>
    public const int HeaderLength = 8;

    private byte[] _body = body;
    private int _bodyLength = body.Length;

    public OpCode Type { get; protected set; } = type;

    /// <summary>The path as the caller gave it, for errors.</summary>
    public string? Path { get; protected set; } = path;

    /// <summary>What it is, for errors. Never credentials.</summary>
    public virtual string Subject => Path is null ? $"{Type}" : $"{Type} {Path}";

    public Span<byte> Body => _body.AsSpan(0, _bodyLength);

    public int FrameLength => HeaderLength + _bodyLength;

    public int Xid { get; set; }

    /// <summary>When it was submitted, as a timestamp of the session's clock.</summary>
    public long SubmittedAt { get; set; }

    /// <summary>When it was last written, as a timestamp of the session's clock.</summary>
    public long SentAt { get; set; }

    /// <summary>Its neighbours among the unsent requests; see <see cref="UnsentList"/>.</summary>
    public Request? Next { get; set; }

    public Request? Previous { get; set; }

    public bool IsUnsent { get; set; }

    /// <summary>The only connection it may be written to; null where any will do.</summary>
    public SessionSnapshot? BoundTo { get; set; }

    /// <summary>Whether the session has proved an identity; it decides what a refusal means.</summary>
    public bool IsIdentified { get; set; }

    /// <summary>Whether somebody still waits for it.</summary>
    public virtual bool IsAwaited => true;

    /// <summary>
    /// Whether it may be sent again when its connection is lost: it changes nothing, or sets a watch, which has died with the connection; and whoever asked did not ask for
    /// that very connection.
    /// </summary>
    public bool IsRepeatable => IsAwaited && BoundTo is null && Type is OpCode.Exists or OpCode.GetData or OpCode.GetChildren or OpCode.GetChildren2 or OpCode.GetAcl
        or OpCode.MultiRead or OpCode.Sync or OpCode.AddWatch or OpCode.GetEphemerals or OpCode.GetAllChildrenNumber or OpCode.WhoAmI;

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

    /// <summary>The session refers to it no more.</summary>
    public virtual void Detach()
    {
    }

    /// <summary>Replaces the body; the buffer is kept where it is large enough. Called by its owner, before submission.</summary>
    protected void SetBody(ReadOnlySpan<byte> bytes)
    {
        if (_body.Length < bytes.Length)
        {
            _body = new byte[Math.Max(256, bytes.Length)];
        }

        bytes.CopyTo(_body);
        _bodyLength = bytes.Length;
    }

    /// <summary>Lets go of a buffer that is too large to be kept for the next one.</summary>
    protected void TrimBody(int kept)
    {
        if (_body.Length > kept)
        {
            (_body, _bodyLength) = ([], 0);
        }
    }
}
