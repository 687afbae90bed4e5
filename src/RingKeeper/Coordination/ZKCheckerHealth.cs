using System.Globalization;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>How a <see cref="ZKChecker"/> is doing, at one moment; for whoever watches over its process.</summary>
public sealed record ZKCheckerHealth
{
    /// <summary>Gets whether it was started and has neither been stopped nor ended by a fault.</summary>
    public bool IsRunning { get; init; }

    /// <summary>Gets whether it ended by a fault.</summary>
    public bool IsFaulted { get; init; }

    /// <summary>Gets its id, by which its votes are known; null before it was started.</summary>
    public string? CheckerId { get; init; }

    /// <summary>Gets the state of its ZooKeeper session.</summary>
    public SessionState Session { get; init; }

    /// <summary>Gets the name of its node, in which its vote stands; null while there is none.</summary>
    public string? Node { get; init; }

    /// <summary>Gets whether it leads.</summary>
    public bool IsLeading { get; init; }

    /// <summary>Gets how long ago it last wrote its vote; null if it has not yet. Votes are written on change, and every <see cref="ZKCheckerOptions.VoteRefresh"/>.</summary>
    public TimeSpan? SinceVoteWritten { get; init; }

    /// <summary>Gets how long ago its loop last ended a step; it takes one at least every <see cref="ZKCheckerOptions.RecountInterval"/> and twice in every <see cref="ZKCheckerOptions.VoteRefresh"/>.</summary>
    public TimeSpan SinceStep { get; init; }

    /// <summary>Gets how long the loop may take for a step: three times as long as the longest time between two steps, and at least 30 s.</summary>
    public TimeSpan StepLimit { get; init; }

    /// <summary>Gets the number of shards of the cluster as it was last read; null before that, and while the cluster is gone.</summary>
    public int? ShardCount { get; init; }

    /// <summary>Gets the number of shards on which its vote, as it stands in ZooKeeper, holds a verdict.</summary>
    public int VerdictCount { get; init; }

    /// <summary>Gets the number of shards on which it says nothing on purpose.</summary>
    public int AbstentionCount { get; init; }

    /// <summary>
    /// Gets why it says nothing on those, an address and a reason each: the shard refuses this checker, its address cannot be read, its probes do not end, or the
    /// checker distrusts itself. Holds no secret.
    /// </summary>
    public IReadOnlyList<string> AbstentionReasons { get; init; } = [];

    /// <summary>Gets what it waits for, or null. Holds no secret.</summary>
    public string? Trouble { get; init; }

    /// <summary>Gets why it should be started anew; empty while it is live.</summary>
    public IReadOnlyList<string> ReasonsNotLive =>
        IsFaulted ? ["the checker ended by a fault"]
        : IsRunning && SinceStep > StepLimit ? [string.Create(CultureInfo.InvariantCulture, $"the checker has taken no step for {SinceStep.TotalSeconds:0} s")]
        : [];

    /// <summary>Gets why its vote does not count, or not for every shard; empty while it is ready.</summary>
    public IReadOnlyList<string> ReasonsNotReady
    {
        get
        {
            List<string> reasons = [.. ReasonsNotLive];
            if (!IsRunning && !IsFaulted)
            {
                reasons.Add("the checker is not running");
            }

            if (Session != SessionState.Connected)
            {
                reasons.Add($"the ZooKeeper session is {Session}");
            }

            if (Node is null)
            {
                reasons.Add("no vote stands in ZooKeeper");
            }

            if (ShardCount is not { } count)
            {
                reasons.Add("the cluster is not known");
            }
            else if (VerdictCount + AbstentionCount < count)
            {
                reasons.Add($"{count - VerdictCount - AbstentionCount} of {count} shard(s) have no verdict yet");
            }

            if (Trouble is not null)
            {
                reasons.Add(Trouble);
            }

            return reasons;
        }
    }
}
