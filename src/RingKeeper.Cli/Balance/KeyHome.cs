namespace RingKeeper.Cli.Balance;

/// <summary>Why a key lies on a shard.</summary>
internal enum KeyHome
{
    /// <summary>The shard owns it, or serves it now in place of shards that are away.</summary>
    Right,

    /// <summary>The shard is the next in line after the owner: most likely a failover left it.</summary>
    Failover,

    /// <summary>The shard owned it in an earlier topology.</summary>
    Topology,

    /// <summary>Neither: a failover of several shards at once left it, or somebody wrote it past the ring or by another one.</summary>
    Elsewhere,
}
