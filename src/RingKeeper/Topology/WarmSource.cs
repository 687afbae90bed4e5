using System.Buffers;

namespace RingKeeper;

/// <summary>Where the last valid copies of a key are that its shard did not see, because another one served it.</summary>
/// <param name="Heir">The shard that served the key until then: an index into the present ring's shards.</param>
/// <param name="ValidSince">The key's epoch under the view before, µs: a copy on the heir written under a lower one was stale already then.</param>
/// <param name="Event">The stamp of the return, the arrival or the topology change that moved the key, µs.</param>
internal readonly record struct WarmSource(int Heir, long ValidSince, long Event)
{
    private const int MaxWalk = 64;

    /// <summary>
    /// Finds the shard that served a key until the last change that concerned the key, if that change was the return of its shard from a death, the
    /// shard's first decision, or a topology change, and nothing has concerned the key's former walk since. Told by the present view
    /// alone: stamps rise, so whatever came later has a greater one. Pure.
    /// </summary>
    /// <param name="view">The present view.</param>
    /// <param name="key">The key's bytes.</param>
    /// <param name="serving">The shard that serves the key, an index into the ring's shards.</param>
    /// <returns>The source; null where there is none.</returns>
    public static WarmSource? Find(ClusterView view, ReadOnlySpan<byte> key, int serving)
    {
        if (view.StatusOf(serving) is not { Alive: true } status)
        {
            return null;
        }

        var rented = ArrayPool<int>.Shared.Rent(MaxWalk);
        try
        {
            var walk = rented.AsSpan(0, Math.Min(MaxWalk, view.Ring.Shards.Count));
            walk = walk[..view.Ring.GetOrder(key, walk)];
            var place = walk.IndexOf(serving);
            if (place < 0 || (place > 0 && !view.FailoverEnabled))
            {
                return null;
            }

            var topology = view.History.LastChange(view.Ring, key, place);
            var passed = NewestOf(view, walk[..place]);
            if (status.Since > Math.Max(topology, passed))
            {
                if (status.Under is not { } under || view.History.Newest < under)
                {
                    // It returned under a topology that this client has not heard of yet: another shard may have stood in.
                    return null;
                }

                return status.Died switch
                {
                    null => null,

                    // Else a shard that is dead by now served the key since the topology changed.
                    0 => topology > passed ? AfterTopologyChange(view, key, status.Addr, topology, status.Since) : null,
                    { } died => AfterReturn(view, key, walk, place, Math.Max(died, passed), status.Since),
                };
            }

            return topology > passed ? AfterTopologyChange(view, key, status.Addr, topology, topology) : null;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// Finds the shards that whoever has not heard of the newest changes may take for the one that served a key until the last change which concerned it: on the walks of
    /// the topologies since, and of the one before, all alive up to the first that was alive by then. None where that change was no return, arrival or topology change. Pure.
    /// </summary>
    /// <param name="view">The present view.</param>
    /// <param name="key">The key's bytes.</param>
    /// <param name="serving">The shard that serves the key.</param>
    /// <param name="heirs">Receives indexes into the ring's shards, each once.</param>
    /// <returns>The stamp of the change; 0 where there is none.</returns>
    public static long FindAll(ClusterView view, ReadOnlySpan<byte> key, int serving, List<int> heirs)
    {
        if (view.StatusOf(serving) is not { Alive: true } status)
        {
            return 0;
        }

        var last = view.ExactValidSince(key, RoutePolicy.Failover);
        if (last == status.Since && status.Died is null)
        {
            return 0;
        }

        // Between a topology change and the first decision on a new shard nobody served its keys.
        var since = last == status.Since && status.Died == 0 ? view.History.LastChange(view.Ring, key, view.PlaceOf(serving, key)) : last;
        AddHeirs(view, view.Ring, key, serving, since, heirs);
        foreach (var earlier in view.History.Earlier.TakeWhile(e => e.Ended >= since))
        {
            if (earlier.Ring is { } ring)
            {
                AddHeirs(view, ring, key, serving, since, heirs);
            }
        }

        return heirs.Count == 0 ? 0 : last;
    }

    private static void AddHeirs(ClusterView view, HashRing ring, ReadOnlySpan<byte> key, int serving, long since, List<int> heirs)
    {
        Span<int> walk = stackalloc int[MaxWalk];
        walk = walk[..ring.GetOrder(key, walk[..Math.Min(MaxWalk, ring.Shards.Count)])];
        foreach (var shard in walk)
        {
            var index = IndexOf(view.Ring, ring.ShardAt(shard).Addr);
            if (index < 0 || index == serving || view.StatusOf(index) is not { Alive: true } status)
            {
                continue;
            }

            if (!heirs.Contains(index))
            {
                heirs.Add(index);
            }

            if (status.Since < since)
            {
                return;
            }
        }
    }

    // While the shard was dead, the walk went on behind it.
    private static WarmSource? AfterReturn(ClusterView view, ReadOnlySpan<byte> key, ReadOnlySpan<int> walk, int place, long validSince, long returned)
    {
        for (var i = place + 1; i < walk.Length && view.FailoverEnabled; i++)
        {
            if (view.StatusOf(walk[i]) is not { } status || status.Since >= returned)
            {
                return null;
            }

            validSince = Math.Max(validSince, status.Since);
            if (status.Alive)
            {
                var topology = view.History.LastChange(view.Ring, key, i);
                return topology < returned ? new WarmSource(walk[i], Math.Max(validSince, topology), returned) : null;
            }
        }

        return null;
    }

    // The walk was that of the topology which the change ended. A shard that is new has a first decision a moment later; until then nobody served its keys.
    private static WarmSource? AfterTopologyChange(ClusterView view, ReadOnlySpan<byte> key, string servingAddr, long ended, long since)
    {
        var history = view.History;
        var index = -1;
        for (var i = 0; i < history.Earlier.Length && index < 0; i++)
        {
            index = history.Earlier[i].Ended == ended ? i : -1;
        }

        if (index < 0 || history.Earlier[index].Ring is not { } ring || !view.Statuses.Values.Any(status => status.Since >= history.Earlier[index].NewestSince))
        {
            return null;
        }

        Span<int> walk = stackalloc int[MaxWalk];
        walk = walk[..ring.GetOrder(key, walk[..Math.Min(MaxWalk, ring.Shards.Count)])];
        var validSince = 0L;
        for (var i = 0; i < walk.Length && (i == 0 || view.FailoverEnabled); i++)
        {
            var addr = ring.ShardAt(walk[i]).Addr;
            if (!view.Statuses.TryGetValue(addr, out var status) || status.Since >= ended)
            {
                return null;
            }

            validSince = Math.Max(validSince, status.Since);
            if (status.Alive)
            {
                var heir = addr == servingAddr ? -1 : IndexOf(view.Ring, addr);
                return heir < 0 ? null : new WarmSource(heir, Math.Max(validSince, history.LastChange(ring, key, i, from: index + 1)), since);
            }
        }

        return null;
    }

    private static long NewestOf(ClusterView view, ReadOnlySpan<int> shards)
    {
        var newest = 0L;
        foreach (var shard in shards)
        {
            newest = Math.Max(newest, view.StatusOf(shard)?.Since ?? long.MaxValue);
        }

        return newest;
    }

    private static int IndexOf(HashRing ring, string addr)
    {
        for (var i = 0; i < ring.Shards.Count; i++)
        {
            if (string.Equals(ring.ShardAt(i).Addr, addr, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }
}
