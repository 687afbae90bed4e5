namespace RingKeeper;

/// <summary>A copy as it was read and judged.</summary>
/// <param name="State">What it is.</param>
/// <param name="Payload">The value's bytes; empty unless it is valid.</param>
/// <param name="Token">Names it; none unless it is valid.</param>
internal readonly record struct Copy(CopyState State, ReadOnlyMemory<byte> Payload = default, CacheToken Token = default);
