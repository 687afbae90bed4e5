using System.Buffers;
using System.Collections.Frozen;
using System.Runtime.CompilerServices;

namespace RingKeeper;

/// <summary>What a client knows of a cluster at one moment: the ring and the status of its shards. Immutable; replaced as one.</summary>
public sealed class ClusterView
{
    private const int NextOrderLength = 2;
    private const int FirstOrderLength = 8;
    private const int MaxStackOrderLength = 256;

    private readonly FrozenDictionary<string, ShardStatus> _statuses;
    private readonly ShardStatus?[] _byShard;

    /// <summary>Creates a view.</summary>
    /// <param name="ring">The ring.</param>
    /// <param name="failoverEnabled">Whether a dead shard's keys move to the next shard on the ring.</param>
    /// <param name="topologyVersion">The mzxid of the cluster's node; 0 if there is none.</param>
    /// <param name="topologyStamp">The stamp of the last topology change, µs, which then holds for every key; 0 if there is none.</param>
    /// <param name="statusVersion">The mzxid of the status; 0 if there is none.</param>
    /// <param name="statuses">The status of each address; a shard without one is not ready.</param>
    public ClusterView(
        HashRing ring,
        bool failoverEnabled,
        long topologyVersion,
        long topologyStamp,
        long statusVersion,
        IReadOnlyDictionary<string, ShardStatus> statuses)
        : this(ring, failoverEnabled, topologyVersion, new TopologyHistory(topologyStamp, []), statusVersion, statuses)
    {
    }

    /// <summary>Creates a view that knows the topologies before it.</summary>
    internal ClusterView(
        HashRing ring,
        bool failoverEnabled,
        long topologyVersion,
        TopologyHistory history,
        long statusVersion,
        IReadOnlyDictionary<string, ShardStatus> statuses,
        CopyRules? rules = null)
    {
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentNullException.ThrowIfNull(statuses);
        Ring = ring;
        FailoverEnabled = failoverEnabled;
        TopologyVersion = topologyVersion;
        History = history;
        Rules = rules ?? CopyRules.Default;
        TopologyStamp = history.Newest;
        StatusVersion = statusVersion;
        _statuses = statuses as FrozenDictionary<string, ShardStatus> ?? statuses.ToFrozenDictionary(StringComparer.Ordinal);
        _byShard = [.. ring.Shards.Select(shard => _statuses.GetValueOrDefault(shard.Addr))];
    }

    /// <summary>The ring.</summary>
    public HashRing Ring { get; }

    /// <summary>Whether a dead shard's keys move to the next shard on the ring.</summary>
    public bool FailoverEnabled { get; }

    /// <summary>The mzxid of the cluster's node; 0 if there is none.</summary>
    public long TopologyVersion { get; }

    /// <summary>The stamp of the last topology change that moved keys, µs since the Unix epoch; 0 if there is none.</summary>
    public long TopologyStamp { get; }

    /// <summary>What is known of the topologies before.</summary>
    internal TopologyHistory History { get; }

    /// <summary>What the cluster's options say of copies.</summary>
    internal CopyRules Rules { get; }

    /// <summary>The mzxid of the status; 0 if there is none.</summary>
    public long StatusVersion { get; }

    /// <summary>The known statuses by address, those of addresses outside the ring included.</summary>
    public IReadOnlyDictionary<string, ShardStatus> Statuses => _statuses;

    /// <summary>Tells a shard's status.</summary>
    /// <param name="shardIndex">The shard's index in <see cref="HashRing.Shards"/>.</param>
    /// <returns>The status, or null while there is none.</returns>
    public ShardStatus? StatusOf(int shardIndex) => _byShard[shardIndex];

    /// <summary>Makes the view that follows when statuses change.</summary>
    /// <param name="statusVersion">The mzxid of the new status.</param>
    /// <param name="statuses">The new statuses by address. A shard that is missing in them keeps the one it has.</param>
    /// <returns>The next view; the <c>Since</c> of a shard's address is never lower than in this one.</returns>
    public ClusterView WithStatuses(long statusVersion, IReadOnlyDictionary<string, ShardStatus> statuses)
    {
        ArgumentNullException.ThrowIfNull(statuses);
        return new ClusterView(Ring, FailoverEnabled, TopologyVersion, History, statusVersion, Merge(statuses), Rules);
    }

    /// <summary>Makes the view that follows when the topology changes; the statuses stay.</summary>
    /// <param name="ring">The new ring.</param>
    /// <param name="failoverEnabled">Whether a dead shard's keys move on.</param>
    /// <param name="topologyVersion">The mzxid of the cluster's node.</param>
    /// <param name="topologyStamp">The stamp of the change, µs.</param>
    /// <returns>The next view.</returns>
    public ClusterView WithTopology(HashRing ring, bool failoverEnabled, long topologyVersion, long topologyStamp) =>
        new(ring, failoverEnabled, topologyVersion, topologyStamp, StatusVersion, _statuses);

    /// <summary>Makes the view that follows when topology and statuses change together.</summary>
    /// <param name="ring">The new ring.</param>
    /// <param name="failoverEnabled">Whether a dead shard's keys move on.</param>
    /// <param name="topologyVersion">The mzxid of the cluster's node.</param>
    /// <param name="topologyStamp">The stamp of the change, µs.</param>
    /// <param name="statusVersion">The mzxid of the new status.</param>
    /// <param name="statuses">The new statuses by address, merged as in <see cref="WithStatuses"/>.</param>
    /// <returns>The next view.</returns>
    public ClusterView WithTopology(
        HashRing ring,
        bool failoverEnabled,
        long topologyVersion,
        long topologyStamp,
        long statusVersion,
        IReadOnlyDictionary<string, ShardStatus> statuses)
    {
        ArgumentNullException.ThrowIfNull(statuses);
        return new ClusterView(ring, failoverEnabled, topologyVersion, topologyStamp, statusVersion, Merge(statuses));
    }

    /// <summary>Makes the view that follows when topology and, unless null, statuses change; it knows the topologies before it.</summary>
    internal ClusterView WithTopology(
        HashRing ring, bool failoverEnabled, long topologyVersion, TopologyHistory history, long statusVersion, IReadOnlyDictionary<string, ShardStatus>? statuses, CopyRules rules) =>
        new(ring, failoverEnabled, topologyVersion, history, statusVersion, statuses is null ? _statuses : Merge(statuses), rules);

    /// <summary>Routes a key: walks from its owner to the first shard alive. Pure; allocates nothing.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <param name="policy">How far the key may move from its owner.</param>
    /// <returns>The decision.</returns>
    public RouteDecision Route(ReadOnlySpan<byte> key, RoutePolicy policy) => Route(Ring.GetOwner(key), key, policy);

    /// <summary>Routes a key of text, whose UTF-8 must fit the buffer.</summary>
    internal RouteDecision Route(string key, Span<byte> buffer, RoutePolicy policy)
    {
        var owner = Ring.CopyAndGetOwner(key, buffer, out var length);
        return Route(owner, buffer[..length], policy);
    }

    private RouteDecision Route(int owner, ReadOnlySpan<byte> key, RoutePolicy policy)
    {
        var status = _byShard[owner];
        if (status is null)
        {
            return new RouteDecision(RouteOutcome.NotReady, owner, 0);
        }

        if (status.Alive)
        {
            return ServedBy(owner, status.Since);
        }

        return FailoverEnabled && policy == RoutePolicy.Failover
            ? RoutePastOwner(key)
            : new RouteDecision(RouteOutcome.NoShardAvailable, owner, 0);
    }

    /// <summary>
    /// Tells a key's epoch exactly: <see cref="RouteDecision.ValidSince"/> takes the newest topology change for all keys, this the last one that
    /// altered the key's own walk up to the serving shard.
    /// </summary>
    /// <param name="key">The key's bytes.</param>
    /// <param name="policy">How far the key may move from its owner.</param>
    /// <returns>The epoch, µs; never above that of <see cref="Route(ReadOnlySpan{byte}, RoutePolicy)"/>, and <see cref="long.MaxValue"/> while no shard serves the key.</returns>
    internal long ExactValidSince(ReadOnlySpan<byte> key, RoutePolicy policy)
    {
        var route = Route(key, policy);
        return route.Outcome == RouteOutcome.Served
            ? Math.Max(route.LeastValidSince, History.LastChange(Ring, key, PlaceOf(route.ShardIndex, key)))
            : long.MaxValue;
    }

    // Up to History.Newest the topology may have altered this key's walk, and surely up to the floor.
    private RouteDecision ServedBy(int shard, long since) =>
        new(RouteOutcome.Served, shard, Math.Max(since, History.Newest)) { LeastValidSince = Math.Max(since, History.Floor) };

    /// <summary>A shard's place on a key's walk, 0 for the owner.</summary>
    internal int PlaceOf(int shard, ReadOnlySpan<byte> key)
    {
        if (Ring.GetOwner(key) == shard)
        {
            return 0;
        }

        var rented = ArrayPool<int>.Shared.Rent(Ring.Shards.Count);
        var place = rented.AsSpan(0, Ring.GetOrder(key, rented.AsSpan(0, Ring.Shards.Count))).IndexOf(shard);
        ArrayPool<int>.Shared.Return(rented);
        return place;
    }

    [SkipLocalsInit]
    private RouteDecision RoutePastOwner(ReadOnlySpan<byte> key)
    {
        // Usually the next shard is alive, and a longer order takes longer to find.
        Span<int> order = stackalloc int[FirstOrderLength];
        var next = order[..Ring.GetOrder(key, order[..NextOrderLength])];
        if (TryWalk(next, out var decision) || next.Length < NextOrderLength)
        {
            return decision;
        }

        order = order[..Ring.GetOrder(key, order)];
        if (TryWalk(order, out decision) || order.Length < FirstOrderLength)
        {
            return decision;
        }

        return RoutePastMany(key);
    }

    // Kept apart so that the common failover does not pay for the larger frame.
    [SkipLocalsInit]
    private RouteDecision RoutePastMany(ReadOnlySpan<byte> key)
    {
        var count = Ring.Shards.Count;
        var rented = count > MaxStackOrderLength ? ArrayPool<int>.Shared.Rent(count) : null;
        var order = rented is null ? stackalloc int[MaxStackOrderLength] : rented;
        order = order[..Ring.GetOrder(key, order)];
        TryWalk(order, out var decision);
        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }

        return decision;
    }

    // False: every shard of this order is dead, and the decision says so.
    private bool TryWalk(ReadOnlySpan<int> order, out RouteDecision decision)
    {
        var validSince = long.MinValue;
        foreach (var shard in order)
        {
            if (_byShard[shard] is not { } status)
            {
                decision = new RouteDecision(RouteOutcome.NotReady, shard, 0);
                return true;
            }

            // A dead shard's Since is its time of death: passing it makes stale what an earlier outage left behind.
            validSince = Math.Max(validSince, status.Since);
            if (status.Alive)
            {
                decision = ServedBy(shard, validSince);
                return true;
            }
        }

        decision = new RouteDecision(RouteOutcome.NoShardAvailable, order[0], 0);
        return false;
    }

    private FrozenDictionary<string, ShardStatus> Merge(IReadOnlyDictionary<string, ShardStatus> next)
    {
        var merged = new Dictionary<string, ShardStatus>(next, StringComparer.Ordinal);
        for (var i = 0; i < _byShard.Length; i++)
        {
            var addr = Ring.Shards[i].Addr;
            if (_byShard[i] is not { } known)
            {
                continue;
            }

            if (!merged.TryGetValue(addr, out var status))
            {
                merged[addr] = known;
            }
            else if (status.Since < known.Since)
            {
                // What it tells of the death before belongs to the time that it told of.
                merged[addr] = status with { Since = known.Since, Died = null, Under = null };
            }
        }

        return merged.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
