namespace RingKeeper;

/// <summary>
/// Tells the second copy of a message, published on two shards while its channel moved, from another message with the same text: a copy comes from a shard that this message has not
/// come from yet, and soon. Not for concurrent use.
/// </summary>
/// <param name="time">The source of time.</param>
internal sealed class DoubleRemover(TimeProvider time)
{
    private readonly Queue<(UInt128 Id, Delivery Delivery)> _recent = new();

    // What came lately, by what it is; null as long as all of it came from one shard, where no search is needed.
    private Dictionary<UInt128, List<Delivery>>? _byId;

    /// <summary>How many messages are remembered.</summary>
    public int Count => _recent.Count;

    /// <summary>Takes note of a message.</summary>
    /// <param name="source">The shard that it came from.</param>
    /// <param name="id">A hash of channel and text.</param>
    /// <returns>Whether it is a copy of one that was delivered.</returns>
    public bool IsDouble(int source, UInt128 id)
    {
        var now = time.GetTimestamp();
        Forget();
        if (_byId is null && _recent.TryPeek(out var first) && first.Delivery.Source != source)
        {
            Index();
        }

        if (_byId is null)
        {
            _recent.Enqueue((id, new Delivery(source, now)));
            return false;
        }

        if (!_byId.TryGetValue(id, out var deliveries))
        {
            _byId[id] = deliveries = [];
        }

        // The latest: where the same text is published again and again, its copy is more likely that of the last time.
        if (deliveries.FindLast(delivery => !delivery.CameFrom(source)) is { } original)
        {
            original.Copies.Add((source, now));
            return true;
        }

        var delivery = new Delivery(source, now);
        TakeOver(deliveries, delivery);
        deliveries.Add(delivery);
        _recent.Enqueue((id, delivery));
        return false;
    }

    // The copy that came just before its original had been taken for that of an earlier message, which then waits for its own again.
    private static void TakeOver(List<Delivery> deliveries, Delivery later)
    {
        foreach (var earlier in deliveries)
        {
            for (var i = earlier.Copies.Count - 1; i >= 0; i--)
            {
                var (source, at) = earlier.Copies[i];
                if (later.At - at < at - earlier.At && !later.CameFrom(source))
                {
                    earlier.Copies.RemoveAt(i);
                    later.Copies.Add((source, at));
                }
            }
        }
    }

    private void Index()
    {
        _byId = [];
        foreach (var (id, delivery) in _recent)
        {
            if (!_byId.TryGetValue(id, out var deliveries))
            {
                _byId[id] = deliveries = [];
            }

            deliveries.Add(delivery);
        }
    }

    private void Forget()
    {
        while (_recent.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Delivery.At) >= ChannelMoves.CopiesWithin)
        {
            _recent.Dequeue();
            if (_byId is not null && _byId.TryGetValue(oldest.Id, out var deliveries))
            {
                deliveries.Remove(oldest.Delivery);
                if (deliveries.Count == 0)
                {
                    _byId.Remove(oldest.Id);
                }
            }
        }

        if (_recent.Count == 0)
        {
            _byId = null;
        }
    }

    private sealed class Delivery(int source, long at)
    {
        private List<(int Source, long At)>? _copies;

        public int Source => source;

        public long At => at;

        public List<(int Source, long At)> Copies => _copies ??= [];

        public bool CameFrom(int shard) => shard == source || (_copies is { } copies && copies.Exists(copy => copy.Source == shard));
    }
}
