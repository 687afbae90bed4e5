namespace RingKeeper;

/// <summary>How well this process attended to its shards: what it missed while it did not run.</summary>
/// <param name="Lost">How long it has stood still so far, all stalls worth counting together.</param>
/// <param name="PausedUntil">When the last pause ended that was long enough to distrust what was seen before; zero: there was none.</param>
/// <param name="Reason">What that pause was, in words.</param>
internal readonly record struct Attention(TimeSpan Lost, TimeSpan PausedUntil, string? Reason);
