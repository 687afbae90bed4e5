using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// The events of one subscription that wait for their reader. When the reader falls behind, one Gap takes the place of what does not fit.
/// </summary>
internal sealed class EventQueue(string path, int capacity)
{
    // Wakes the reader; holds at most one token. Channels run continuations on the thread pool, never on the writer's thread.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();

    // An event was left out only if a Gap behind it stands unread in the queue: it is left out while the queue is full and ends in a Gap.
    private readonly Queue<WatchedEvent> _events = new();
    private bool _endsInGap;
    private bool _completed;
    private Exception? _failure;

    /// <summary>Adds a change of a znode, or a Gap, or nothing if an unread Gap at the end covers it.</summary>
    public void Add(WatchedEvent change)
    {
        lock (_gate)
        {
            if (_events.Count < capacity)
            {
                Append(change);
                if (change.Type == WatchedEventType.Gap)
                {
                    ClientTelemetry.CountGap("reconnect");
                }
            }
            else if (!_endsInGap)
            {
                Append(new WatchedEvent(WatchedEventType.Gap, path));
                ClientTelemetry.CountGap("overflow");
            }
        }
    }

    /// <summary>Adds SessionExpired or Closed, which have their place even in a full queue: they are few and must be told.</summary>
    public void AddAlways(WatchedEventType type)
    {
        lock (_gate)
        {
            Append(new WatchedEvent(type, path));
        }
    }

    /// <summary>Ends the stream behind what is queued, with an exception if there is one.</summary>
    public void Complete(Exception? failure = null)
    {
        lock (_gate)
        {
            _failure ??= _completed ? null : failure;
            _completed = true;
            _wake.Writer.TryWrite(true);
        }
    }

    public async IAsyncEnumerable<WatchedEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            while (TryTake(out var change))
            {
                yield return change;
                cancellationToken.ThrowIfCancellationRequested();
            }

            lock (_gate)
            {
                if (_completed && _events.Count == 0)
                {
                    // For whoever else reads this stream.
                    _wake.Writer.TryWrite(true);
                    if (_failure is not null)
                    {
                        throw _failure;
                    }

                    yield break;
                }
            }

            await _wake.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private bool TryTake(out WatchedEvent change)
    {
        lock (_gate)
        {
            if (!_events.TryDequeue(out change))
            {
                return false;
            }

            _endsInGap &= _events.Count > 0;
            return true;
        }
    }

    private void Append(WatchedEvent change)
    {
        if (_completed)
        {
            return;
        }

        _events.Enqueue(change);
        _endsInGap = change.Type == WatchedEventType.Gap;
        _wake.Writer.TryWrite(true);
    }
}
