using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>The answer to a request; an error has no body.</summary>
internal readonly record struct Reply(ZooKeeperErrorCode Error, Action<FrameWriter>? Body = null)
{
    public static Reply Ok { get; } = new(ZooKeeperErrorCode.Ok);

    public static Reply With(Action<FrameWriter> body) => new(ZooKeeperErrorCode.Ok, body);

    public static implicit operator Reply(ZooKeeperErrorCode error) => new(error);
}
