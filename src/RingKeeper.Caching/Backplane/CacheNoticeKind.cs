namespace RingKeeper;

/// <summary>What a notice of a <see cref="CacheBackplane"/> is about.</summary>
public enum CacheNoticeKind
{
    /// <summary>What is near under this key is outdated.</summary>
    Key = 0,

    /// <summary>What is near with this tag is outdated.</summary>
    Tag = 1,

    /// <summary>Everything near is outdated.</summary>
    Everything = 2,

    /// <summary>Notices may have been lost, so anything near may be outdated. Comes from this process itself; nobody publishes it.</summary>
    Gap = 3,
}
