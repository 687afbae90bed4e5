namespace RingKeeper;

/// <summary>An operation of RingKeeper failed; the message names the thing and says what to do.</summary>
public class RingKeeperException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public RingKeeperException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
