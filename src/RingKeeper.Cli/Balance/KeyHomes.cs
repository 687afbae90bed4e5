namespace RingKeeper.Cli.Balance;

/// <summary>Tells why keys lie where they were found. Pure.</summary>
internal sealed class KeyHomes
{
    private readonly ClusterView _view;
    private readonly IReadOnlyList<HashRing> _earlier;

    private KeyHomes(ClusterView view, IReadOnlyList<HashRing> earlier) => (_view, _earlier) = (view, earlier);

    /// <summary>Looks at a cluster; an earlier ring of a type that this version does not know is left out.</summary>
    public static KeyHomes Of(ZKClusterInfo cluster, ClusterView view)
    {
        var earlier = new List<HashRing>();
        foreach (var topology in cluster.History.Earlier)
        {
            try
            {
                earlier.Add(topology.Options.CreateRingBuilder().Build(topology.Shards));
            }
            catch (RingKeeperException)
            {
                // What lies where it put keys counts as elsewhere.
            }
        }

        return new KeyHomes(view, earlier);
    }

    /// <summary>Tells of one key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="shard">The index of the shard it was found on.</param>
    public KeyHome Of(ReadOnlySpan<byte> key, int shard)
    {
        Span<int> order = stackalloc int[2];
        var ring = _view.Ring;
        var next = order[..ring.GetOrder(key, order)];
        if (next[0] == shard || _view.Route(key, RoutePolicy.Failover) is { Outcome: RouteOutcome.Served, ShardIndex: var server } && server == shard)
        {
            return KeyHome.Right;
        }

        foreach (var earlier in _earlier)
        {
            if (earlier.Shards[earlier.GetOwner(key)].Addr == ring.Shards[shard].Addr)
            {
                return KeyHome.Topology;
            }
        }

        return _view.FailoverEnabled && next.Length > 1 && next[1] == shard ? KeyHome.Failover : KeyHome.Elsewhere;
    }
}
