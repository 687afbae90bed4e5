namespace RingKeeper;

/// <summary>What came of a <see cref="VersionedCache.CheckAndSetAsync"/>.</summary>
/// <param name="IsSet">Whether the value was written; if not, the copy is another one by now: read again.</param>
/// <param name="Token">Names the copy that was written; <see cref="CacheToken.None"/> if none was.</param>
public readonly record struct CheckAndSetResult(bool IsSet, CacheToken Token);
