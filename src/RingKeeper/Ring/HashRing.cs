using System.Text;

namespace RingKeeper;

/// <summary>Places keys on shards. Immutable; every lookup is safe from any thread, takes no lock and allocates nothing.</summary>
public abstract class HashRing
{
    // The list that Shards shows, without the calls through an interface that a read of it costs.
    private readonly Shard[] _shards;

    /// <summary>Creates a ring over these shards.</summary>
    /// <param name="shards">The shards in list order; the ring keeps a copy.</param>
    /// <exception cref="RingKeeperException">There is no shard.</exception>
    protected HashRing(IReadOnlyList<Shard> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        if (shards.Count == 0)
        {
            throw new RingKeeperException("A ring needs at least one shard, and the list of shards is empty. Add a shard to the cluster.");
        }

        _shards = [.. shards];
        Shards = Array.AsReadOnly(_shards);
    }

    /// <summary>The shards in list order; lookups answer with indexes into it.</summary>
    public IReadOnlyList<Shard> Shards { get; }

    internal Shard ShardAt(int index) => _shards[index];

    /// <summary>The points of the ring, for those who draw it; null where it has none.</summary>
    internal virtual PointTable? Points => null;

    /// <summary>A key's place among the points; of no meaning where there are none.</summary>
    internal virtual uint PlaceOf(ReadOnlySpan<byte> key) => 0;

    /// <summary>The highest place that a key can have.</summary>
    internal virtual uint LastPlace => uint.MaxValue;

    /// <summary>Finds the shard that owns a key.</summary>
    /// <param name="key">The key's bytes; empty is a valid key.</param>
    /// <returns>The owner's index in <see cref="Shards"/>.</returns>
    public abstract int GetOwner(ReadOnlySpan<byte> key);

    /// <summary>Finds the distinct shards in the order in which they stand in for each other, the owner first.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <param name="order">Receives indexes into <see cref="Shards"/>, as many as fit.</param>
    /// <returns>How many were written: fewer than fit when the ring has no more. A shard that owns no point is never among them.</returns>
    public abstract int GetOrder(ReadOnlySpan<byte> key, Span<int> order);

    /// <summary>Writes the UTF-8 of a key of text and finds its owner; a ring may do both in one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="bytes">Receives its bytes, all of which fit.</param>
    /// <param name="length">How many were written.</param>
    /// <returns>The owner's index in <see cref="Shards"/>.</returns>
    internal virtual int CopyAndGetOwner(string key, Span<byte> bytes, out int length)
    {
        length = Encoding.UTF8.GetBytes(key, bytes);
        return GetOwner(bytes[..length]);
    }
}
