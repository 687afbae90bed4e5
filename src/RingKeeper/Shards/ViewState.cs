using StackExchange.Redis;

namespace RingKeeper;

/// <summary>A view and the connections to its shards: what lookups read, replaced as one. No view: nothing applied yet, or disposed.</summary>
internal sealed class ViewState(ClusterView? view, ShardConnection[] connections, ViewTrust trust = ViewTrust.Full)
{
    private readonly TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _waitedInVain;

    public ClusterView? View { get; } = view;

    /// <summary>By shard index; shards with one address share one.</summary>
    public ShardConnection[] Connections { get; } = connections;

    /// <summary>By shard index: where the routes of this view come from.</summary>
    public RouteOrigin[] Origins { get; } = view is null ? [] : [.. connections.Select((connection, i) => new RouteOrigin(view, i, connection.Run))];

    /// <summary>Whether its routes tell caches to take every copy for a miss.</summary>
    public bool ReadsAreMisses { get; } = trust != ViewTrust.Full;

    /// <summary>Whether no route is given: the view is too old for the caller's policy.</summary>
    public bool IsRefused { get; } = trust == ViewTrust.Refused;

    /// <summary>Ends when another state has taken this one's place.</summary>
    public Task Replaced => _replaced.Task;

    /// <summary>Whether a lookup has waited its full time under this state: the next ones fail at once.</summary>
    public bool WaitedInVain => _waitedInVain;

    /// <summary>The route of a key that a shard serves.</summary>
    public ShardRoute RouteOf(IDatabase database, in RouteDecision decision) =>
        new(database, View!.Ring.ShardAt(decision.ShardIndex), decision, Origins[decision.ShardIndex], ReadsAreMisses);

    public void MarkReplaced() => _replaced.TrySetResult();

    public void MarkWaitedInVain() => _waitedInVain = true;
}
