namespace RingKeeper;

/// <summary>Why a shard that may be well again is still called dead.</summary>
/// <param name="Reason">What it takes to return, in words.</param>
/// <param name="Until">When it may return if it answers well until then; an estimate where answers are counted.</param>
internal sealed record FlapSuppression(string Reason, DateTimeOffset? Until);
