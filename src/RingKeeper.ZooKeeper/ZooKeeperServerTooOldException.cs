namespace RingKeeper.ZooKeeper;

/// <summary>
/// The connected server is too old for an operation; it was not applied. The client learns this once for each server and does not send it the
/// operation again for ten minutes.
/// </summary>
public sealed class ZooKeeperServerTooOldException : ZooKeeperException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="operation">The operation, by its name in the protocol.</param>
    /// <param name="firstVersion">The first version of ZooKeeper that has it.</param>
    /// <param name="path">The path the operation was about, or null.</param>
    /// <param name="remedy">What to do instead, or null for an upgrade alone.</param>
    public ZooKeeperServerTooOldException(string operation, string firstVersion, string? path = null, string? remedy = null)
        : base(
            ZooKeeperErrorCode.Unimplemented,
            path,
            OperationOutcome.Refused,
            $"The ZooKeeper server does not know {operation}{(path is null ? "" : $" ({path})")}, which came with {firstVersion}; nothing was applied. Upgrade the servers{(remedy is null ? "" : $", or {remedy}")}.")
    {
        Operation = operation;
        FirstVersion = firstVersion;
    }

    /// <summary>Gets the operation, by its name in the protocol.</summary>
    public string Operation { get; }

    /// <summary>Gets the first version of ZooKeeper that has the operation, such as <c>3.6.0</c>.</summary>
    public string FirstVersion { get; }
}
