namespace RingKeeper;

/// <summary>Says when the health check of a cluster is degraded, and when it is unhealthy.</summary>
public sealed class ClusterHealthOptions
{
    private const int WholePercent = 100;

    /// <summary>
    /// Gets or sets the age of the view above which the cluster is degraded (default: 10 s, longer than the outage of a ZooKeeper server that is restarted).
    /// What <see cref="ClusterOptions.StaleViewPolicy"/> does to a view is apart from this.
    /// </summary>
    public TimeSpan DegradedViewAge { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets for how long a shard that the checkers call alive may be out of this process's reach before it counts as away (default: 5 s, longer than a broken connection takes to come back).</summary>
    public TimeSpan DisconnectedShardAge { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the share of the shards that may be away before the cluster is unhealthy, in percent from 0 to 100 (default: 50). At 100 it is unhealthy only when none can serve.</summary>
    public int MaxAwayPercent { get; set; } = 50;

    internal void Validate()
    {
        RequireNotNegative(DegradedViewAge, nameof(DegradedViewAge));
        RequireNotNegative(DisconnectedShardAge, nameof(DisconnectedShardAge));
        if (MaxAwayPercent is < 0 or > WholePercent)
        {
            throw new RingKeeperException($"{nameof(ClusterHealthOptions)}.{nameof(MaxAwayPercent)} is {MaxAwayPercent}. Set it to a percentage from 0 to 100.");
        }
    }

    private static void RequireNotNegative(TimeSpan value, string name)
    {
        if (value < TimeSpan.Zero)
        {
            throw new RingKeeperException($"{nameof(ClusterHealthOptions)}.{name} is {value}. Set it to a time from zero on.");
        }
    }
}
