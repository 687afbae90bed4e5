using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Configures a cluster that a container connects. Read once, when the host starts; see <c>AddRingKeeper</c>.</summary>
public sealed class RingKeeperOptions
{
    /// <summary>Gets or sets the ZooKeeper servers: <c>host:port,host:port/chroot</c> (required).</summary>
    public string? ZKServers { get; set; }

    /// <summary>Gets or sets the cluster's name (required).</summary>
    public string? ClusterName { get; set; }

    /// <summary>Gets or sets the ZooKeeper session timeout that is asked for (default: 10 s). The server clamps it, by default to 2 to 20 of its ticks.</summary>
    public TimeSpan ZKTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long the start may try all ZooKeeper servers before it fails (default: 10 s).</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets the digest credentials for ZooKeeper as <c>user:password</c> (default: none). Never logged.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? DigestCredentials { get; set; }

    /// <summary>Gets the settings of TLS to ZooKeeper (default: no TLS).</summary>
    public ZKTlsSettings ZKTls { get; } = new();

    /// <summary>Gets the settings of SASL to ZooKeeper (default: no SASL).</summary>
    public ZKSaslSettings ZKSasl { get; } = new();

    /// <summary>
    /// Gets or sets user, password, TLS and other settings of every connection to a shard, as StackExchange.Redis writes them, without end
    /// points: <c>user=app,password=…,ssl=true</c> (default: none). Never logged.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>Gets or sets what is done to the settings of every connection to a shard, after <see cref="Redis"/> (default: nothing). Set in code alone.</summary>
    public Action<ConfigurationOptions>? ConfigureRedis { get; set; }

    /// <summary>Gets or sets how long a lookup waits for a shard that has no status yet (default: 1 s).</summary>
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how long opening a connection to a shard may take (default: 1 s).</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how long the connection to a removed shard may take to finish its outstanding operations (default: 5 s).</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the age at which a view that ZooKeeper has not confirmed again is stale (default: 1 min).</summary>
    public TimeSpan StaleViewAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets what a stale view does to lookups (default: <see cref="StaleViewPolicy.ServeOn"/>).</summary>
    public StaleViewPolicy StaleViewPolicy { get; set; }

    /// <summary>Gets or sets the file that keeps the last view for a start while ZooKeeper is away; each process needs its own (default: none).</summary>
    public string? SnapshotFile { get; set; }

    /// <summary>Gets or sets whether caches may take copies for fresh under a view from <see cref="SnapshotFile"/> (default: false).</summary>
    public bool TrustSnapshot { get; set; }

    /// <summary>Gets the settings of the checker in this process; they count where <c>AddChecker</c> adds one.</summary>
    public CheckerSettings Checker { get; } = new();

    // The path of the section that was read, and what was wrong in it: told with what the validation finds.
    internal string? Section { get; set; }

    internal List<string> Flaws { get; } = [];

    // The section Cache, which the package RingKeeper.Caching reads.
    internal IConfigurationSection? CacheSection { get; set; }

    /// <summary>Describes the options without credentials.</summary>
    /// <returns>The description.</returns>
    public override string ToString() =>
        $"cluster {ClusterName} on {ZKServers} (session timeout {ZKTimeout}, digest {Has(DigestCredentials)}, {ZKTls}, {ZKSasl}, Redis settings {Has(Redis)})";

    private static string Has(string? secret) => string.IsNullOrEmpty(secret) ? "no" : "yes";
}
