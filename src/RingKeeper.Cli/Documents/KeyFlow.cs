using System.Runtime.InteropServices;

namespace RingKeeper.Cli.Documents;

/// <summary>Sums up where keys belong and are served before and after a change. Used by one caller at a time; its size hangs on the shards, not on the keys.</summary>
/// <param name="what">The change.</param>
internal sealed class KeyFlow(WhatIf what)
{
    private readonly Dictionary<KeyPath, double> _sums = [];

    /// <summary>The sums by path; -1 stands for nobody who serves.</summary>
    public IReadOnlyDictionary<KeyPath, double> Sums => _sums;

    /// <summary>Gets whether both rings have points, so that the key space can be counted exactly.</summary>
    public static bool CanBeExact(WhatIf what) => what is { Before.Ring.Points: not null, After.Ring.Points: not null };

    /// <summary>Counts the whole key space, each stretch between two points of either ring as large as it is; 1 in sum.</summary>
    public void AddKeySpace()
    {
        var (before, after) = (what.Before.Ring.Points!.Value, what.After.Ring.Points!.Value);
        var points = PointsOf(before).Concat(PointsOf(after)).Append(uint.MaxValue).Distinct().Order();
        var (old, now) = (new int[what.Before.Ring.Shards.Count], new int[what.After.Ring.Shards.Count]);
        long last = -1;
        foreach (var point in points)
        {
            var oldOrder = old.AsSpan(0, before.GetOrder(point, old));
            var newOrder = now.AsSpan(0, after.GetOrder(point, now));
            Add(new KeyPath(oldOrder[0], ServerOf(what.Before, oldOrder), newOrder[0], ServerOf(what.After, newOrder)), (point - last) / (double)(1UL << 32));
            last = point;
        }
    }

    /// <summary>Counts a key, by the routes that clients take.</summary>
    public void AddKey(ReadOnlySpan<byte> key) =>
        Add(new KeyPath(what.Before.Ring.GetOwner(key), ServerOf(what.Before, key), what.After.Ring.GetOwner(key), ServerOf(what.After, key)), 1);

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
internal readonly record struct KeyPath(int OwnerBefore, int ServerBefore, int OwnerAfter, int ServerAfter);
