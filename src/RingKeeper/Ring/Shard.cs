namespace RingKeeper;

/// <summary>One Redis server of a cluster.</summary>
/// <param name="Name">The name; it places the shard on the ring, so that an address may change without moving keys.</param>
/// <param name="Addr">The address: <c>host:port</c>, <c>[v6]:port</c>, or <c>:port</c> for this machine; used unchanged as the key of its status.</param>
public sealed record Shard(string Name, string Addr)
{
    /// <summary>Gets the share of keys beside other shards', at least 1 (default: 1); for the ring types <c>Ketama</c> and <c>Rendezvous</c>.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Gets whether it is taken out of service on purpose (default: false): checkers call it dead whatever their probes say, and its keys are served by the next shards.</summary>
    public bool Drained { get; init; }

    /// <summary>Fields that this version does not know, so that writing the list back loses none of them.</summary>
    internal UnknownFields Unknown { get; init; } = UnknownFields.None;
}
