namespace RingKeeper;

/// <summary>A probe's connection ended or cannot be opened; carries what that means for the probe.</summary>
internal sealed class ProbeException(ProbeOutcome outcome, string detail, Exception? innerException = null)
    : RingKeeperException(detail, innerException)
{
    public ProbeResult Result => new(outcome, Message);
}
