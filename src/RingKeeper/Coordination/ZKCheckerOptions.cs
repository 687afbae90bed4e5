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

    /// <summary>Gets the longest time between two counts of the leader, whether or not it was told of a change (default: 5 s).</summary>
    public TimeSpan RecountInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets how long a decision that is due may be left undone by the leader (default: 500 ms). The next in line then publishes it and takes the
    /// leader's place; the one behind it after twice the time. A leader that is a Go program keeps its place.
    /// </summary>
    public TimeSpan LeaderGrace { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Gets the id of this checker, which survives its restarts, 1 to 128 letters, digits, '.', '_', '-' (default: null, which means the name of this
    /// machine). Each checker of a cluster needs one of its own: of two votes with one id only the newer counts.
    /// </summary>
    public string? CheckerId { get; init; }

    /// <summary>Gets how often the vote is written anew though nothing changed (default: 10 s). A vote that is three times as old does not count any more.</summary>
    public TimeSpan VoteRefresh { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how long a majority for many deaths at once must stand before it is followed against the others' votes (default: 30 s).</summary>
    public TimeSpan BrakeHold { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets what creates the probe of a shard (default: null, which means PING over an own connection).</summary>
    public Func<Shard, IShardProbe>? CreateProbe { get; init; }

    /// <summary>Describes the options without the credentials.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"cluster {ClusterName} on {base.ToString()}, interval {Interval}, threshold {Threshold}, {WorkerCount} workers";
}
