using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Where the routes to one shard in one view come from; shared by all of them.</summary>
/// <param name="view">The view.</param>
/// <param name="shardIndex">The shard's index in the view's ring.</param>
/// <param name="run">The run that the connection reaches.</param>
internal sealed class RouteOrigin(ClusterView view, int shardIndex, ShardRunSlot run)
{
    private readonly string? _runId = view.StatusOf(shardIndex)?.RunId;

    public ClusterView View { get; } = view;

    public int ShardIndex { get; } = shardIndex;

    /// <summary>What to send commands to; null until the connection is open.</summary>
    public Func<IDatabase?> Database { get; init; } = static () => null;

    /// <summary>Since when the client has known of what this view tells; null where that is not kept.</summary>
    public ViewAge? Age { get; init; }

    /// <summary>For how long ZooKeeper has not confirmed the view.</summary>
    public Func<TimeSpan> Unconfirmed { get; init; } = static () => TimeSpan.Zero;

    /// <summary>The origins of the view's other shards, by index, and this one.</summary>
    public RouteOrigin[] Siblings { get; init; } = [];

    /// <summary>The run that the connection reaches now.</summary>
    public ShardRun? Run => run.Current;

    /// <summary>
    /// Whether what was read over the connection belongs to the run that the view knows. False while the connection's run is not known or
    /// is another: the server may have restarted with older data, which no status tells of yet. A view without a run cannot tell.
    /// </summary>
    /// <param name="before">The run when the read began.</param>
    public bool IsViewsRun(ShardRun? before) =>
        _runId is null || (before is not null && ReferenceEquals(before, run.Current) && (before.RunId is null || before.RunId == _runId));
}
