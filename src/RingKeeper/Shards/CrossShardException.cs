namespace RingKeeper;

/// <summary>The keys of one command lie on different shards, and one command runs on one server.</summary>
public sealed class CrossShardException : RingKeeperException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public CrossShardException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
