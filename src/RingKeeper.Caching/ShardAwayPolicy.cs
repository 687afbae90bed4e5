namespace RingKeeper;

/// <summary>Says what a read of the cache gives while the shard that serves the key cannot be reached.</summary>
public enum ShardAwayPolicy
{
    /// <summary>The error: of the connection, or that no shard is available.</summary>
    Fail = 0,

    /// <summary>A miss. Writes fail all the same, except where a value that was just made is stored on the way.</summary>
    Miss = 1,
}
