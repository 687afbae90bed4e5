using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// A persistent watch (ZooKeeper 3.6, addWatch) as a stream of events. It outlives connections and sessions; where changes may have
/// been missed it says <see cref="WatchedEventType.Gap"/>.
/// </summary>
/// <remarks>Subscriptions of one path share one watch of the server.</remarks>
public sealed class WatchSubscription : IAsyncDisposable
{
    /// <summary>How many unread events are kept; what comes on top is told by one Gap.</summary>
    internal const int Capacity = 1024;

    private readonly ClientSession _session;

    internal WatchSubscription(ClientSession session, string path, WatchMode mode)
    {
        _session = session;
        Path = path;
        Mode = mode;
        Events = new EventQueue(path, Capacity);
    }

    /// <summary>Gets the path that is watched, without the chroot.</summary>
    public string Path { get; }

    /// <summary>Gets what is watched.</summary>
    public WatchMode Mode { get; }

    internal EventQueue Events { get; }

    /// <summary>
    /// Reads the events in the order of the server; waits for the next. Each is delivered once: several readers share them.
    /// Ends after <see cref="WatchedEventType.Closed"/>, or when the subscription is disposed. The client may be awaited between events.
    /// </summary>
    /// <param name="cancellationToken">Ends the reading; the subscription goes on.</param>
    /// <returns>The events. At most 1024 wait unread; those that do not fit are told by one <see cref="WatchedEventType.Gap"/>.</returns>
    public IAsyncEnumerable<WatchedEvent> ReadAllAsync(CancellationToken cancellationToken = default) => Events.ReadAllAsync(cancellationToken);

    /// <summary>Ends the subscription. The server's watch is removed in the background once nobody else needs it.</summary>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        _session.Unsubscribe(this);
        Events.Complete();
        return ValueTask.CompletedTask;
    }
}
