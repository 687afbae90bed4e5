namespace RingKeeper;

/// <summary>What a checker says of a shard.</summary>
internal enum ShardVerdict
{
    /// <summary>Not known yet.</summary>
    None,
    Alive,
    Dead,

    /// <summary>The checker's own configuration is wrong, or it does not trust what it saw, so it says nothing.</summary>
    Abstaining,
}
