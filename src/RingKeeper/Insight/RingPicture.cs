using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace RingKeeper;

/// <summary>
/// A ring as people look at it: who owns how much of the key space, who inherits it, and what lies where. Exact for rings of points; of a ring without points the shares are
/// those of keys that are always the same. Immutable, pure.
/// </summary>
internal sealed class RingPicture
{
    /// <summary>How many keys stand for the key space of a ring without points.</summary>
    public const int SampleKeys = 100_000;

    // Each stretch of the key space, in order: its size, and the order in which shards stand in for each other there.
    private readonly ImmutableArray<(double Size, int[] Order)> _stretches;
    private readonly HashRing _ring;

    // A page asks for them over and over, and a ring without places may have as many stretches as there are sample keys.
    private readonly ImmutableArray<double>[] _heirs;

    private RingPicture(HashRing ring, ImmutableArray<(double Size, int[] Order)> stretches)
    {
        (_ring, _stretches, _heirs) = (ring, stretches, new ImmutableArray<double>[ring.Shards.Count]);
        Shares = ShareOf(static order => order[0]);
    }

    /// <summary>Whether keys have a place on the ring; a rendezvous ring has none.</summary>
    public bool HasPlaces => _ring.Points is not null;

    /// <summary>Gets the share of the key space that each shard owns, by its index; 1 in sum.</summary>
    public ImmutableArray<double> Shares { get; }

    /// <summary>Looks at a ring.</summary>
    public static RingPicture Of(HashRing ring) => new(ring, ring.Points is { } points ? OfPoints(points, ring.LastPlace, ring.Shards.Count) : OfKeys(ring));

    /// <summary>The share of the key space that each shard serves by its index, and at the end that which none serves.</summary>
    /// <param name="serves">Whether the shard of an index serves keys; null where nothing is decided about it yet: who comes to it waits, and goes to no other.</param>
    /// <param name="failover">Whether keys of one that does not go to the next.</param>
    public ImmutableArray<double> ServedShares(Func<int, bool?> serves, bool failover) =>
        ShareOf(order => ServerOf(order, serves, failover) is var server && server < 0 ? _ring.Shards.Count : server, 1);

    /// <summary>The share of a shard's own keys that each other gets when it alone dies, by index; nothing for itself.</summary>
    public ImmutableArray<double> HeirsOf(int shard) => _heirs[shard] is { IsDefault: false } known ? known : _heirs[shard] = FindHeirs(shard);

    /// <summary>Cuts the ring into slots of one size for drawing: who owns the middle of each, and who serves it, -1 for none. Without places the shards' shares follow each other.</summary>
    public ImmutableArray<(int Owner, int Server)> Slots(int count, Func<int, bool?> serves, bool failover)
    {
        var slots = ImmutableArray.CreateBuilder<(int Owner, int Server)>(count);
        var (at, end) = (0, _stretches[0].Size);
        for (var slot = 0; slot < count; slot++)
        {
            var middle = (slot + 0.5) / count;
            while (end < middle && at < _stretches.Length - 1)
            {
                end += _stretches[++at].Size;
            }

            slots.Add((_stretches[at].Order[0], ServerOf(_stretches[at].Order, serves, failover)));
        }

        return slots.MoveToImmutable();
    }

    /// <summary>A key's place on the ring, from 0 to 1; null where there are no places.</summary>
    public double? PlaceOf(string key) => HasPlaces ? _ring.PlaceOf(Encoding.UTF8.GetBytes(key)) / (_ring.LastPlace + 1.0) : null;

    // As a client's view routes: past those that are dead, not past one that nothing is decided about.
    private static int ServerOf(int[] order, Func<int, bool?> serves, bool failover)
    {
        foreach (var shard in failover ? order : order.AsSpan(0, 1))
        {
            if (serves(shard) is var answer and not false)
            {
                return answer is true ? shard : -1;
            }
        }

        return -1;
    }

    // A point owns what lies above the one before it, up to itself; the first also what lies above the last. No key lies above the last place.
    private static ImmutableArray<(double Size, int[] Order)> OfPoints(PointTable points, uint last, int shards)
    {
        var space = last + 1.0;
        var stretches = ImmutableArray.CreateBuilder<(double Size, int[] Order)>();
        var order = new int[shards];
        long before = -1;
        for (var i = 0; i < points.Count; i++)
        {
            var point = Math.Min(points[i].Point, last);
            if (point > before)
            {
                stretches.Add(((point - before) / space, order[..points.GetOrder(point, order)]));
                before = point;
            }
        }

        if (before < last)
        {
            stretches.Add(((last - before) / space, order[..points.GetOrder(last, order)]));
        }

        return stretches.ToImmutable();
    }

    // Of one size, and alike ones as one; those of each owner follow each other, for drawing.
    private static ImmutableArray<(double Size, int[] Order)> OfKeys(HashRing ring)
    {
        var order = new int[ring.Shards.Count];
        var orders = new Dictionary<string, (int Count, int[] Order)>(StringComparer.Ordinal);
        for (var i = 0; i < SampleKeys; i++)
        {
            var length = ring.GetOrder(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"key:{i}")), order);
            var text = string.Join(',', order[..length]);
            orders[text] = orders.TryGetValue(text, out var known) ? known with { Count = known.Count + 1 } : (1, order[..length]);
        }

        return [.. orders.Values.OrderBy(static one => one.Order[0]).Select(static one => ((double)one.Count / SampleKeys, one.Order))];
    }

    private ImmutableArray<double> FindHeirs(int shard)
    {
        var heirs = new double[_ring.Shards.Count];
        foreach (var (size, order) in _stretches)
        {
            if (order[0] == shard && order.Length > 1)
            {
                heirs[order[1]] += size;
            }
        }

        var sum = heirs.Sum();
        return [.. heirs.Select(heir => sum > 0 ? heir / sum : 0)];
    }

    private ImmutableArray<double> ShareOf(Func<int[], int> pick, int more = 0)
    {
        var shares = new double[_ring.Shards.Count + more];
        foreach (var (size, order) in _stretches)
        {
            shares[pick(order)] += size;
        }

        return [.. shares];
    }
}
