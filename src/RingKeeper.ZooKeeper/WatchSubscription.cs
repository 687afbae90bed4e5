using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// A persistent watch (ZooKeeper 3.6, addWatch) as a stream of events. It outlives connections and sessions; where changes may have
/// been missed it says <see cref="WatchedEventType.Gap"/>.
/// </summary>
/// <remarks>
/// <para>Subscriptions of one path share one watch of the server. The stream throws a <see cref="ZooKeeperException"/>, once the events before it are read,
/// where a server refused to set the watch again; <see cref="ZooKeeperServerTooOldException"/> where a recursive one came to a server older than 3.6.</para>
/// <para>On a server older than 3.6 a subscription of mode <see cref="WatchMode.Persistent"/> is served by one-shot watches that are set again after each event
/// (<see cref="IsEmulated"/>). Where a change may have come between an event and that, a Gap follows the event. Events are then in the order of
/// the server among themselves, but may come after the result of a later request.</para>
/// </remarks>
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

    /// <summary>Gets a value indicating whether one-shot watches serve it, since a server older than 3.6 has no other.</summary>
    public bool IsEmulated => Emulation is not null;

    internal EmulatedWatch? Emulation { get; set; }

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
    public async ValueTask DisposeAsync()
    {
        _session.Unsubscribe(this);
        Events.Complete();
        if (Emulation is { } emulation)
        {
            await emulation.DisposeAsync().ConfigureAwait(false);
        }
    }
}
