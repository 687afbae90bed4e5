namespace RingKeeper;

/// <summary>A shard on a key's way has no status yet, and none came in time.</summary>
public sealed class ShardNotReadyException : RingKeeperException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public ShardNotReadyException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
