using System.Runtime.InteropServices;

namespace RingKeeper.Cli.Documents;

/// <summary>Sums up where keys belong and are served before and after a change. Used by one caller at a time; its size hangs on the shards, not on the keys.</summary>
/// <param name="what">The change.</param>
internal sealed class KeyFlow(WhatIf what)
{
    private readonly Dictionary<KeyPath, double> _sums = [];
    private readonly int[] _old = new int[what.Before.Ring.Shards.Count];
    private readonly int[] _now = new int[what.After.Ring.Shards.Count];

    /// <summary>The sums by path; -1 stands for nobody who serves.</summary>
    public IReadOnlyDictionary<KeyPath, double> Sums => _sums;

    /// <summary>Gets whether both rings have points, so that the key space can be counted exactly.</summary>
    public static bool CanBeExact(WhatIf what) => what is { Before.Ring.Points: not null, After.Ring.Points: not null };

    /// <summary>Counts the whole key space, each stretch between two points of either ring as large as it is; 1 in sum.</summary>
    public void AddKeySpace()
    {
        var (before, after) = (what.Before.Ring.Points!.Value, what.After.Ring.Points!.Value);
        var end = what.After.Ring.LastPlace;
        var points = PointsOf(before).Concat(PointsOf(after)).Where(point => point < end).Append(end).Distinct().Order();
        long last = -1;
        foreach (var point in points)
        {
            var oldOrder = _old.AsSpan(0, before.GetOrder(point, _old));
            var newOrder = _now.AsSpan(0, after.GetOrder(point, _now));
            var server = ServerOf(what.After, newOrder);
            var walk = newOrder[..(newOrder.IndexOf(server) + 1)];
            Add(new KeyPath(oldOrder[0], ServerOf(what.Before, oldOrder), newOrder[0], server, !IsSameWalk(oldOrder, walk)), (point - last) / (end + 1.0));
            last = point;
        }
    }

    /// <summary>Counts a key, by the routes that clients take.</summary>
    public void AddKey(ReadOnlySpan<byte> key)
    {
        var server = ServerOf(what.After, key);
        var count = server < 0 ? 0 : what.After.PlaceOf(server, key) + 1;
        var old = _old.AsSpan(0, what.Before.Ring.GetOrder(key, _old.AsSpan(0, Math.Min(count, _old.Length))));
        var walk = _now.AsSpan(0, what.After.Ring.GetOrder(key, _now.AsSpan(0, count)));
        Add(new KeyPath(what.Before.Ring.GetOwner(key), ServerOf(what.Before, key), what.After.Ring.GetOwner(key), server, !IsSameWalk(old, walk)), 1);
    }

    // By addresses, as clients tell whether a change of the topology concerned a key.
    private bool IsSameWalk(ReadOnlySpan<int> old, ReadOnlySpan<int> walk)
    {
        for (var i = 0; i < walk.Length; i++)
        {
            if (i >= old.Length || what.Before.Ring.ShardAt(old[i]).Addr != what.After.Ring.ShardAt(walk[i]).Addr)
            {
                return false;
            }
        }

        return true;
    }

    private static IEnumerable<uint> PointsOf(PointTable points) => Enumerable.Range(0, points.Count).Select(i => points[i].Point);

    private static int ServerOf(ClusterView view, ReadOnlySpan<byte> key) => view.Route(key, RoutePolicy.Failover) is { Outcome: RouteOutcome.Served } route ? route.ShardIndex : -1;

    private static int ServerOf(ClusterView view, ReadOnlySpan<int> order)
    {
        foreach (var shard in view.FailoverEnabled ? order : order[..1])
        {
            if (view.StatusOf(shard) is { Alive: true })
            {
                return shard;
            }
        }

        return -1;
    }

    private void Add(KeyPath path, double size) => CollectionsMarshal.GetValueRefOrAddDefault(_sums, path, out _) += size;
}

/// <summary>Who owns and who serves before and after, by indexes into the shards of each ring; -1 for nobody.</summary>
/// <param name="OwnerBefore">Who owns before.</param>
/// <param name="ServerBefore">Who serves before.</param>
/// <param name="OwnerAfter">Who owns after.</param>
/// <param name="ServerAfter">Who serves after.</param>
/// <param name="IsWalkChanged">Whether the change of the ring altered the way to who serves after, so that copies from before count as stale.</param>
internal readonly record struct KeyPath(int OwnerBefore, int ServerBefore, int OwnerAfter, int ServerAfter, bool IsWalkChanged);
