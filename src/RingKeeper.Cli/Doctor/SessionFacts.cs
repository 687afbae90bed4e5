using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Doctor;

/// <summary>What a session with ZooKeeper told.</summary>
/// <param name="Asked">The session timeout that was asked for.</param>
/// <param name="Granted">The one that the server gave.</param>
/// <param name="Server">The server that carried the session.</param>
internal sealed record SessionFacts(TimeSpan Asked, TimeSpan Granted, string Server)
{
    /// <summary>Gets how long the slowest of a few reads and of a few syncs took.</summary>
    public required Asked<Latencies> Latencies { get; init; }

    /// <summary>Gets the ensemble's own list of its servers; null inside where a server tells none.</summary>
    public required Asked<EnsembleConfig> Ensemble { get; init; }
}

/// <summary>How long ZooKeeper takes to answer.</summary>
/// <param name="Read">The slowest read, which the connected server answers alone.</param>
/// <param name="Sync">The slowest sync, which goes to the leader and back.</param>
internal sealed record Latencies(TimeSpan Read, TimeSpan Sync);

/// <summary>What one server of the connect string said of itself.</summary>
/// <param name="Server">The server, <c>host:port</c>.</param>
/// <param name="Answer">What it told (srvr).</param>
internal sealed record ServerAnswer(string Server, Asked<ZooKeeperServerStatistics> Answer)
{
    /// <summary>Gets whether it serves, as far as it told.</summary>
    public bool Serves => Answer.Value is { Mode: not "read-only" };

    /// <summary>Gets whether it answered and refuses the question.</summary>
    public bool Refuses => Answer.Failure is ZooKeeperException { Code: ZooKeeperErrorCode.Unimplemented };
}

/// <summary>What one shard said of itself.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Answer">What it told (INFO).</param>
internal sealed record ShardAnswer(Shard Shard, Asked<ShardFacts> Answer);

/// <summary>A look at another clock.</summary>
/// <param name="Reading">What it tells.</param>
internal sealed record ClockLook(ClockReading Reading);
