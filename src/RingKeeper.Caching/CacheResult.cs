namespace RingKeeper;

/// <summary>What a read of the cache found.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly struct CacheResult<T>
{
    internal CacheResult(T value, CacheToken token)
    {
        IsHit = true;
        Value = value;
        Token = token;
    }

    /// <summary>Gets whether a valid copy was found.</summary>
    public bool IsHit { get; }

    /// <summary>Gets the value; the type's default on a miss.</summary>
    public T? Value { get; }

    /// <summary>Gets what names the copy; <see cref="CacheToken.None"/> on a miss.</summary>
    public CacheToken Token { get; }
}
