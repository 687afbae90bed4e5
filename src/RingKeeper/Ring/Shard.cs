namespace RingKeeper;

/// <summary>One Redis server of a cluster.</summary>
/// <param name="Name">The name; it places the shard on the ring, so that an address may change without moving keys.</param>
/// <param name="Addr">The address: <c>host:port</c>, <c>[v6]:port</c>, or <c>:port</c> for this machine; used unchanged as the key of its status.</param>
public sealed record Shard(string Name, string Addr);
