namespace RingKeeper;

/// <summary>What a shard holds for a key, as one view judges it.</summary>
internal enum CopyState
{
    /// <summary>Nothing.</summary>
    Absent,

    /// <summary>A copy that is valid.</summary>
    Valid,

    /// <summary>A copy written under an epoch that is over, or read over a connection to another run of the server than the view knows.</summary>
    Stale,

    /// <summary>The mark of a deletion.</summary>
    Deleted,

    /// <summary>What a cache of the other format wrote, or no cache at all.</summary>
    Foreign,
}
