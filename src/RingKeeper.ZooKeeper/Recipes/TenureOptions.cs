namespace RingKeeper.ZooKeeper;

/// <summary>Configures a <see cref="LeaderElection"/> or a <see cref="DistributedLock"/>.</summary>
public sealed record TenureOptions
{
    /// <summary>
    /// Gets what the lease ends earlier than the servers could end the session, as a share of the session timeout T (default: 0.05, so T/20). It pays for clocks that do
    /// not run at the same rate and for a process that hears its timer late. A lease is renewed about every 0.28 T and then lasts at least 0.4 T less this share.
    /// </summary>
    public double SafetyMargin { get; init; } = 0.05;

    /// <summary>Gets what the own znode holds, such as the name of the process; others read it (default: nothing).</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Gets the ACL of the own znode and of parents that are made (default: the client's default). The session itself needs <see cref="AclPermissions.Read"/>.</summary>
    public IReadOnlyList<Acl>? Acl { get; init; }

    internal static void Check(TenureOptions options)
    {
        if (options.SafetyMargin is not (>= 0.01 and <= 0.3))
        {
            throw new ArgumentException($"{nameof(SafetyMargin)} is {options.SafetyMargin}; it must lie between 0.01 and 0.3 of the session timeout.", nameof(options));
        }
    }
}
