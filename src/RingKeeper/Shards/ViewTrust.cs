namespace RingKeeper;

/// <summary>Says how far a view is trusted.</summary>
internal enum ViewTrust
{
    /// <summary>It serves reads and writes.</summary>
    Full,

    /// <summary>It serves, but every copy read is to be taken for a miss.</summary>
    ReadsAreMisses,

    /// <summary>It serves nothing.</summary>
    Refused,
}
