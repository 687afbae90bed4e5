namespace RingKeeper;

/// <summary>Names the copy that a read found, for <see cref="VersionedCache.CheckAndSetAsync"/>. Opaque; <see cref="None"/> stands for no copy.</summary>
public readonly struct CacheToken : IEquatable<CacheToken>
{
    internal CacheToken(string addr, long epoch, long version, uint nonce)
    {
        Addr = addr;
        Epoch = epoch;
        Version = version;
        Nonce = nonce;
    }

    /// <summary>Gets the token of a miss.</summary>
    public static CacheToken None => default;

    /// <summary>Gets whether it stands for no copy.</summary>
    public bool IsNone => Addr is null;

    /// <summary>The address of the shard that held the copy.</summary>
    internal string? Addr { get; }

    /// <summary>The epoch that the copy was written under, µs.</summary>
    internal long Epoch { get; }

    /// <summary>The copy's version, µs; in the format of the Go package its serial.</summary>
    internal long Version { get; }

    /// <summary>What tells copies of one version apart; 0 in the format of the Go package.</summary>
    internal uint Nonce { get; }

    /// <summary>Compares two tokens.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they name the same copy.</returns>
    public static bool operator ==(CacheToken left, CacheToken right) => left.Equals(right);

    /// <summary>Compares two tokens.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they name different copies.</returns>
    public static bool operator !=(CacheToken left, CacheToken right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(CacheToken other) => Addr == other.Addr && (Epoch, Version, Nonce) == (other.Epoch, other.Version, other.Nonce);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CacheToken other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Addr, Epoch, Version, Nonce);
}
