namespace RingKeeper.ZooKeeper;

/// <summary>A lead or a lock is no longer held, so what only its holder may write was not written.</summary>
public sealed class TenureLostException : ZooKeeperException
{
    internal TenureLostException(string path, TenureEnd end)
        : base(ZooKeeperErrorCode.NoNode, path, OperationOutcome.Refused, $"{path} is no longer held ({end}); nothing was written. Acquire it again.") => End = end;

    /// <summary>Gets why it is not held.</summary>
    public TenureEnd End { get; }
}
