using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Configures a <see cref="ZKChecker"/>.</summary>
public sealed record ZKCheckerOptions : ZKConnectorOptions
{
    /// <summary>Gets the name of the cluster to check.</summary>
    public required string ClusterName { get; init; }

    /// <summary>Gets the number of probes that may be under way at once (default: 4).</summary>
    public int WorkerCount { get; init; } = 4;

    /// <summary>Gets the time between two probes of a shard, ±10 % (default: 1 s).</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets how long a shard may give no good answer before it is dead (default: 2 s). Refused connections count sooner.</summary>
    public TimeSpan Threshold { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Sets user, password and TLS of the probes' connections (default: none).</summary>
    public Action<ConfigurationOptions>? ConfigureRedis { get; init; }

    /// <summary>Gets the longest time between two counts of the leader, whether or not it was told of a change (default: 5 s). At most half of <see cref="VoteRefresh"/> is used.</summary>
    public TimeSpan RecountInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets how long a decision that is due may be left undone by the leader (default: 500 ms). The next in line then publishes it and takes the
    /// leader's place; the one behind it after twice the time. A leader that is a Go program keeps its place.
    /// </summary>
    public TimeSpan LeaderGrace { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Gets the id of this checker, which survives its restarts, 1 to 128 letters, digits, '.', '_', '-' (default: null, which means one that is made anew each time,
    /// of the machine's name, the process's id, a counter and a random number). A checker that starts takes away the place which an earlier run with its id left behind. Each checker of a
    /// cluster needs one of its own: of two with the same id the one that started last votes, and the other stands aside with an alarm.
    /// </summary>
    public string? CheckerId { get; init; }

    /// <summary>Gets how often the vote is written anew though nothing changed (default: 10 s). Only what was probed within max(<see cref="Threshold"/>, 3 x <see cref="Interval"/>) is in
    /// it, and a vote three times as old does not count any more. The same for all checkers of a cluster.</summary>
    public TimeSpan VoteRefresh { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how long a majority for many deaths at once must stand before it is followed against the others' votes, and how long a checker for which all shards (two or
    /// more) fail at once withholds its votes while most others call one of them alive (default: 30 s). Zero waits for nothing.</summary>
    public TimeSpan BrakeHold { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets what creates the probe of a shard (default: null, which means PING over an own connection).</summary>
    public Func<Shard, IShardProbe>? CreateProbe { get; init; }

    /// <summary>The longest time between two counts, and between two looks of a checker at what it votes.</summary>
    internal TimeSpan LongestBetweenCounts => RecountInterval < VoteRefresh / 2 ? RecountInterval : VoteRefresh / 2;

    /// <summary>How old the last probe of a shard may be for a verdict to be voted.</summary>
    internal TimeSpan FreshFor => Threshold > 3 * Interval ? Threshold : 3 * Interval;

    /// <summary>Refuses what cannot work, before anything is started.</summary>
    internal void Validate()
    {
        Require(nameof(LeaderGrace), LeaderGrace, TimeSpan.FromMilliseconds(1), "500 milliseconds");
        Require(nameof(RecountInterval), RecountInterval, TimeSpan.FromMilliseconds(1), "5 seconds");
        Require(nameof(VoteRefresh), VoteRefresh, TimeSpan.FromMilliseconds(100), "10 seconds");
        Require(nameof(BrakeHold), BrakeHold, TimeSpan.Zero, "30 seconds");
        if (CheckerId is not null && CheckerIdentity.FlawOf(CheckerId) is { } flaw)
        {
            throw new RingKeeperException($"CheckerId: {flaw}.");
        }
    }

    /// <summary>Describes the options without the credentials.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"cluster {ClusterName} on {base.ToString()}, interval {Interval}, threshold {Threshold}, {WorkerCount} workers";

    private static void Require(string name, TimeSpan value, TimeSpan least, string example)
    {
        if (value < least || value > TimeSpan.FromHours(1))
        {
            throw new RingKeeperException($"{name} is {value}. Set it to a time from {least} to one hour, e.g. {example}.");
        }
    }
}
