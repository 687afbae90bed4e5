namespace RingKeeper;

/// <summary>A copy as it was read and judged.</summary>
/// <param name="State">What it is.</param>
/// <param name="Payload">The value's bytes; empty unless it is valid.</param>
/// <param name="Token">Names it; none unless it is valid.</param>
internal readonly record struct Copy(CopyState State, ReadOnlyMemory<byte> Payload = default, CacheToken Token = default)
{
    /// <summary>For how long each read prolongs its life; null where reads do not.</summary>
    public TimeSpan? Sliding { get; init; }

    /// <summary>When it ends whatever is read, by the writer's clock in milliseconds since the Unix epoch; 0 where only the window ends it.</summary>
    public long AbsoluteEnd { get; init; }
}
