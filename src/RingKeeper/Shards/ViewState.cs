using StackExchange.Redis;

namespace RingKeeper;

/// <summary>A view and the connections to its shards: what lookups read, replaced as one. No view: nothing applied yet, or disposed.</summary>
internal sealed class ViewState
{
    private readonly TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _waitedInVain;

    public ViewState(ClusterView? view, ShardConnection[] connections, ViewTrust trust = ViewTrust.Full, ViewAge? age = null, Func<TimeSpan>? unconfirmed = null, PastMap[]? past = null)
    {
        Past = past ?? [];
        View = view;
        Connections = connections;
        Age = age;
        ReadsAreMisses = trust != ViewTrust.Full;
        IsRefused = trust == ViewTrust.Refused;
        Origins = view is null ? [] : new RouteOrigin[connections.Length];
        for (var i = 0; i < Origins.Length; i++)
        {
            var connection = connections[i];
            Origins[i] = new RouteOrigin(view!, i, connection.Run)
            {
                Database = () => connection.Database,
                Age = age,
                Unconfirmed = unconfirmed ?? (static () => TimeSpan.Zero),
                Siblings = Origins,
            };
        }
    }

    public ClusterView? View { get; }

    /// <summary>Since when the client has known of what the view tells.</summary>
    public ViewAge? Age { get; }

    /// <summary>By shard index; shards with one address share one.</summary>
    public ShardConnection[] Connections { get; }

    /// <summary>By shard index: where the routes of this view come from.</summary>
    public RouteOrigin[] Origins { get; }

    /// <summary>What it has replaced, where it was in use a moment before this one was; the oldest first.</summary>
    public PastMap[] Past { get; }

    /// <summary>Whether its routes tell caches to take every copy for a miss.</summary>
    public bool ReadsAreMisses { get; }

    /// <summary>Whether no route is given: the view is too old for the caller's policy.</summary>
    public bool IsRefused { get; }

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
