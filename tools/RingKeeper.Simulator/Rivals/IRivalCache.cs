using RingKeeper.Simulator.Caches;

namespace RingKeeper.Simulator.Rivals;

/// <summary>A client's cache by another rule than the product's: a small model of it.</summary>
internal interface IRivalCache
{
    /// <summary>Where a key goes now; null where nowhere.</summary>
    string? AddrOf(byte[] key);

    /// <summary>Reads a value; null for a miss.</summary>
    Task<byte[]?> GetAsync(byte[] key, CacheOperation operation);

    /// <summary>Writes a value.</summary>
    Task SetAsync(byte[] key, byte[] value, CacheOperation operation);
}
