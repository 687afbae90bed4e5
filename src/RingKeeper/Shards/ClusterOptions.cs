using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>How a client of a cluster behaves.</summary>
public record ClusterOptions
{
    /// <summary>Whether a dead shard's keys move to the next shard on the ring (default: true). A cluster kept in ZooKeeper brings its own value.</summary>
    public bool FailoverEnabled { get; init; } = true;

    /// <summary>How long a lookup waits for a shard that has no status yet (default: 1 s).</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long opening a connection to a shard may take; a topology change waits no longer than this for new shards (default: 1 s).</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the connection to a removed shard may take to finish its outstanding operations (default: 5 s).</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Sets user, password, TLS and other details of every connection to a shard; applied after RingKeeper's own settings, except for the end points, which stay (default: null).</summary>
    public Action<ConfigurationOptions>? ConfigureRedis { get; init; }

    /// <summary>The age of its view from which <see cref="StaleViewPolicy"/> holds, for a cluster kept in ZooKeeper (default: 60 s).</summary>
    public TimeSpan StaleViewAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What becomes of lookups once ZooKeeper has not confirmed the view for <see cref="StaleViewAfter"/> (default: <see cref="StaleViewPolicy.ServeOn"/>).</summary>
    public StaleViewPolicy StaleViewPolicy { get; init; } = StaleViewPolicy.ServeOn;

    /// <summary>
    /// The file that keeps a copy of the view, so that a client can start while ZooKeeper cannot be reached; null for none (default: null).
    /// One file a cluster, in a folder that exists and can be written; on Unix only its owner may read the file.
    /// </summary>
    public string? SnapshotFile { get; init; }

    /// <summary>Whether a view from <see cref="SnapshotFile"/> is trusted before ZooKeeper has confirmed it; if not, <see cref="ShardRoute.ReadsAreMisses"/> is set until then (default: false).</summary>
    public bool TrustSnapshot { get; init; }

    /// <summary>The source of time (default: the system's).</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Receives what happens (default: nobody).</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    internal void Validate()
    {
        RequirePositive(ReadyTimeout, nameof(ReadyTimeout), allowZero: true);
        RequirePositive(ConnectTimeout, nameof(ConnectTimeout), allowZero: false);
        RequirePositive(DrainTimeout, nameof(DrainTimeout), allowZero: true);
        RequirePositive(StaleViewAfter, nameof(StaleViewAfter), allowZero: false);
        if (!Enum.IsDefined(StaleViewPolicy))
        {
            throw new RingKeeperException($"StaleViewPolicy is {(int)StaleViewPolicy}. Set it to {string.Join(", ", Enum.GetNames<StaleViewPolicy>())}.");
        }

        if (SnapshotFile is not null && (string.IsNullOrWhiteSpace(SnapshotFile) || SnapshotFile.Contains('\0', StringComparison.Ordinal)))
        {
            throw new RingKeeperException($"SnapshotFile is '{SnapshotFile.Replace("\0", "\\0", StringComparison.Ordinal)}', which names no file. Set it to the path of a file, or leave it out.");
        }

        if (TimeProvider is null || Logger is null)
        {
            throw new RingKeeperException("TimeProvider or Logger is null. Leave them out of the options to get the defaults.");
        }
    }

    private static void RequirePositive(TimeSpan value, string name, bool allowZero)
    {
        if (value < TimeSpan.Zero || (value == TimeSpan.Zero && !allowZero) || value > TimeSpan.FromDays(1))
        {
            throw new RingKeeperException($"{name} is {value}. Set it to a time from {(allowZero ? "zero" : "above zero")} to one day, e.g. one second.");
        }
    }
}
