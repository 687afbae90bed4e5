namespace RingKeeper;

/// <summary>A topology that was in effect before the present one. Immutable; its ring is built when it is first needed.</summary>
internal sealed class EarlierTopology
{
    private readonly Lazy<HashRing?> _ring;

    /// <summary>Creates one.</summary>
    /// <param name="ended">The stamp of the change that ended it.</param>
    /// <param name="options">What of the options makes the ring.</param>
    /// <param name="shards">Its shards.</param>
    /// <param name="newestSince">The newest stamp of the status when it ended.</param>
    public EarlierTopology(long ended, ZKClusterOptions options, IReadOnlyList<Shard> shards, long newestSince = 0)
    {
        Ended = ended;
        NewestSince = newestSince;
        Options = options;
        Shards = shards;
        _ring = new Lazy<HashRing?>(Build);
    }

    /// <summary>The stamp of the change that ended it, µs.</summary>
    public long Ended { get; }

    /// <summary>The newest stamp of the status when it ended, µs: who knows an older status cannot tell which shard served a key by then.</summary>
    public long NewestSince { get; }

    public ZKClusterOptions Options { get; }

    public IReadOnlyList<Shard> Shards { get; }

    /// <summary>Its ring; null where this version cannot build it, so that no walk through it can be known.</summary>
    public HashRing? Ring => _ring.Value;

    private HashRing? Build()
    {
        try
        {
            return Options.CreateRingBuilder().Build(Shards);
        }
        catch (RingKeeperException)
        {
            // Of a type that only a later version knows, or written by a program that allows more: every key counts as moved by its end.
            return null;
        }
    }
}
