namespace RingKeeper.ZooKeeper.Session;

/// <summary>Names the list of setWatches a one-shot watch belongs to.</summary>
internal enum OneShotKind
{
    /// <summary>Left by a read of an existing znode.</summary>
    Data,

    /// <summary>Left by exists on a missing znode.</summary>
    Exist,

    /// <summary>Left by a listing of children.</summary>
    Child,
}

/// <summary>A one-shot watch that waits for its event.</summary>
internal sealed class OneShotWatch(OneShotKind kind)
{
    private readonly TaskCompletionSource<WatchedEvent> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OneShotKind Kind { get; } = kind;

    public Task<WatchedEvent> Task => _source.Task;

    public bool IsFor(WatchedEventType type) => type switch
    {
        WatchedEventType.NodeCreated or WatchedEventType.NodeDataChanged => Kind is OneShotKind.Data or OneShotKind.Exist,
        WatchedEventType.NodeChildrenChanged => Kind is OneShotKind.Child,
        _ => true,
    };

    public void Fire(WatchedEvent change) => _source.TrySetResult(change);
}
