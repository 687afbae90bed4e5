using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RingKeeper.Testing;

/// <summary>Configures a <see cref="RingKeeperTestCluster"/>.</summary>
public sealed record RingKeeperTestClusterOptions
{
    /// <summary>Gets the cluster's name (default: <c>test</c>).</summary>
    public string ClusterName { get; init; } = "test";

    /// <summary>Gets the number of shards at the start, named shard1, shard2, … (default: 3).</summary>
    public int ShardCount { get; init; } = 3;

    /// <summary>Gets the number of checkers (default: 3).</summary>
    public int CheckerCount { get; init; } = 3;

    /// <summary>Gets the options of the cluster (default: failover, <c>Consistent</c> with 160 points; ExpectedCheckers is the number of checkers).</summary>
    public ZKClusterOptions? ClusterOptions { get; init; }

    /// <summary>Gets the time between two probes of a shard (default: 200 ms).</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Gets how long a shard may give no good answer before it is dead (default: 1 s).</summary>
    public TimeSpan Threshold { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the session timeout of checkers and clients (default: 2 s).</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets how long the start may take until every shard has been found alive (default: 20 s).</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets how long the waits of <see cref="RingKeeperTestCluster"/> may take before they fail (default: 20 s).</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The digest credentials of all who connect to ZooKeeper, or null. Never logged.</summary>
    internal string? DigestCredentials { get; init; }

    /// <summary>TLS to ZooKeeper, or null.</summary>
    internal ZooKeeper.ZooKeeperTlsOptions? Tls { get; init; }

    /// <summary>SASL to ZooKeeper, or null.</summary>
    internal ZooKeeper.ZooKeeperSaslOptions? Sasl { get; init; }

    /// <summary>Gets the maker of logs (default: none).</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
