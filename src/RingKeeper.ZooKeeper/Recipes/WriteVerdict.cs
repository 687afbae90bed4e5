namespace RingKeeper.ZooKeeper;

/// <summary>Tells what became of a write, as far as it can be known.</summary>
public enum WriteVerdict
{
    /// <summary>It was applied, once.</summary>
    Applied,

    /// <summary>It was not applied, and will not be any more. It may be tried again.</summary>
    NotApplied,

    /// <summary>The znode has been changed more than once, or deleted, since it was read: whether the write was among that cannot be told.</summary>
    Overtaken,
}

/// <summary>What became of a change of data.</summary>
/// <param name="Verdict">Whether it was applied.</param>
/// <param name="Stat">The znode as it was when that was found out; null where it was gone.</param>
public readonly record struct VerifiedWrite(WriteVerdict Verdict, Stat? Stat);

/// <summary>What became of a multi.</summary>
/// <param name="Verdict">Whether it was applied; never <see cref="WriteVerdict.Overtaken"/>.</param>
/// <param name="Results">The result of each operation; empty where it was not applied, or was and the answer was lost.</param>
public readonly record struct VerifiedMulti(WriteVerdict Verdict, IReadOnlyList<ZooKeeperOpResult> Results);
