namespace RingKeeper;

/// <summary>Decides how far a client trusts its view. Pure.</summary>
internal static class ViewTrustPolicy
{
    /// <summary>Decides.</summary>
    /// <param name="isConfirmed">Whether ZooKeeper vouches for the view now.</param>
    /// <param name="isUnproven">Whether the view comes from a snapshot that is not trusted, and ZooKeeper has confirmed nothing since.</param>
    /// <param name="isStale">Whether the view has reached the age from which the policy holds.</param>
    /// <param name="policy">What the options say of a view that old.</param>
    public static ViewTrust Decide(bool isConfirmed, bool isUnproven, bool isStale, StaleViewPolicy policy) =>
        isConfirmed ? ViewTrust.Full
        : isStale && policy == StaleViewPolicy.Refuse ? ViewTrust.Refused
        : isUnproven || (isStale && policy == StaleViewPolicy.MissReads) ? ViewTrust.ReadsAreMisses
        : ViewTrust.Full;
}
