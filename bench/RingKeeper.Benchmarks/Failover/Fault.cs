namespace RingKeeper.Benchmarks;

/// <summary>What befalls a cluster.</summary>
internal enum Fault
{
    /// <summary>SIGKILL of the server that serves the key.</summary>
    ShardKilled,

    /// <summary>SIGSTOP of it: its connections stay and nothing answers.</summary>
    ShardHung,

    /// <summary>SIGKILL of it and, at the same time, of the process that would lead the failover.</summary>
    ShardAndLeaderKilled,
}
