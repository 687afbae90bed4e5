namespace RingKeeper;

/// <summary>A client's view of its cluster is too old for what was asked of it.</summary>
public sealed class StaleViewException : RingKeeperException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public StaleViewException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
