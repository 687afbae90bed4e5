using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>Everything a count looks at; nothing else does count.</summary>
/// <param name="Shards">The shards of the cluster.</param>
/// <param name="Status">The status as it stands.</param>
/// <param name="Votes">The votes of all checkers present, in the order of election.</param>
/// <param name="ExpectedCheckers">How many checkers should be running, or null.</param>
/// <param name="ClusterStamp">The stamp of the cluster in effect.</param>
/// <param name="NowMicroseconds">The own clock, for stamps alone.</param>
internal sealed record BallotPaper(
    IReadOnlyList<Shard> Shards,
    IReadOnlyDictionary<string, ShardStatus> Status,
    IReadOnlyList<Vote> Votes,
    int? ExpectedCheckers,
    long ClusterStamp,
    long NowMicroseconds)
{
    /// <summary>How long a decision counts as just made, for the brake.</summary>
    public static readonly TimeSpan RecentTime = TimeSpan.FromSeconds(10);

    /// <summary>The reference time: the mtime of the counting checker's newest own write, in milliseconds by ZooKeeper's clock. No vote is older than it says if it is 0.</summary>
    public long ReferenceTime { get; init; }

    /// <summary>How long ago the reference time was, by the own monotonic clock: how long decisions are past is told to the moment, while the age of votes goes by ZooKeeper alone.</summary>
    public TimeSpan SinceReference { get; init; }

    /// <summary>The present, by ZooKeeper's clock, as well as it can be told, in milliseconds.</summary>
    public long Present => ReferenceTime + (long)SinceReference.TotalMilliseconds;

    /// <summary>How often votes are written anew; one three times as old does not count.</summary>
    public TimeSpan VoteRefresh { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The share of shards, in percent, that may die at once on a majority's word.</summary>
    public int MaxDeadPercent { get; init; } = 50;

    /// <summary>The newest topology time in effect, µs.</summary>
    public long TopologyTime { get; init; }

    /// <summary>The least distance between two stamps, µs.</summary>
    public long StampGap { get; init; } = Stamps.GapMicroseconds;

    /// <summary>How long a majority for many deaths at once must have stood unbroken.</summary>
    public TimeSpan BrakeHold { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same where one checker decides all alone: three of its thresholds.</summary>
    public TimeSpan SingleBrakeHold { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>How long each checker has stood by the death of a shard, by address and node; one that is missing does since now.</summary>
    public IReadOnlyDictionary<(string Addr, string Node), TimeSpan> Standing { get; init; } = ImmutableDictionary<(string Addr, string Node), TimeSpan>.Empty;

    /// <summary>How long the counting checker must still be in office before it may publish a death; zero where it may.</summary>
    public TimeSpan OfficeHold { get; init; }

    /// <summary>The decisions published before, newest first.</summary>
    public IReadOnlyList<Decision> Decisions { get; init; } = [];

    /// <summary>What the leader knows to have been published, by address: the highest Since there was. Another program may have written a lower one since.</summary>
    public IReadOnlyDictionary<string, ShardStatus> Published { get; init; } = ImmutableDictionary<string, ShardStatus>.Empty;

    /// <summary>Whether the topology has stood for so long that addresses which are no shards and that nobody votes for may go from the status.</summary>
    public bool MayPrune { get; init; }
}

/// <summary>The outcome of a count.</summary>
/// <param name="Status">The status as it should be.</param>
/// <param name="Flips">What changes; empty when the status stays.</param>
/// <param name="RestsOn">The votes the changes rest on; the write is refused unless each still stands as it was counted.</param>
/// <param name="Raised">The addresses whose Since another program had lowered and that get it back.</param>
internal sealed record BallotResult(ImmutableDictionary<string, ShardStatus> Status, ImmutableArray<Flip> Flips, ImmutableArray<Vote> RestsOn, ImmutableArray<string> Raised)
{
    /// <summary>The stamp that what changes shares.</summary>
    public long Stamp { get; init; }

    /// <summary>How each shard was counted, in their order.</summary>
    public ImmutableArray<ShardCount> Shards { get; init; } = [];

    /// <summary>The addresses that a strict majority wants dead and that are not.</summary>
    public ImmutableHashSet<string> WantedDead { get; init; } = [];

    /// <summary>What to tell of deaths that are as many as the brake holds, though it does not hold these; null where there are none.</summary>
    public string? Alarm { get; init; }

    /// <summary>The addresses whose run_id and role another program had dropped and that get them back.</summary>
    public ImmutableArray<string> Restored { get; init; } = [];

    /// <summary>The addresses that go from the status.</summary>
    public ImmutableArray<string> Pruned { get; init; } = [];

    /// <summary>When to count again though nothing happens: the first hold ends. Null while nothing is held.</summary>
    public TimeSpan? NextLook { get; init; }

    /// <summary>Whether the status has to be written.</summary>
    public bool IsChange => Flips.Length + Raised.Length + Restored.Length + Pruned.Length > 0;
}
