namespace RingKeeper.ZooKeeper;

/// <summary>A multi was refused: none of its operations was applied.</summary>
public sealed class ZooKeeperMultiException : ZooKeeperException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="failedIndex">The index of the operation that failed.</param>
    /// <param name="code">The result code of that operation.</param>
    /// <param name="path">The path of that operation.</param>
    public ZooKeeperMultiException(int failedIndex, ZooKeeperErrorCode code, string? path)
        : this(failedIndex, code, path, $"Operation {failedIndex} of the multi was refused with {code} ({path}); nothing was applied.")
    {
    }

    internal ZooKeeperMultiException(int failedIndex, ZooKeeperErrorCode code, string? path, string message)
        : base(code, path, OperationOutcome.Refused, message)
        => FailedIndex = failedIndex;

    /// <summary>Gets the index of the operation that failed.</summary>
    public int FailedIndex { get; }
}
