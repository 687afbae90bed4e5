namespace RingKeeper;

/// <summary>Every shard that may serve a key is dead.</summary>
public sealed class NoShardAvailableException : RingKeeperException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public NoShardAvailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
