namespace RingKeeper;

/// <summary>Says what is outdated in the near caches of other processes.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Name">The key or the tag; otherwise empty.</param>
/// <param name="Data">Bytes that the backplane carries along and does not look at (default: none).</param>
public readonly record struct CacheNotice(CacheNoticeKind Kind, string Name = "", ReadOnlyMemory<byte> Data = default);
