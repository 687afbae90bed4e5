namespace RingKeeper;

/// <summary>Why a shard that answers is not called alive yet.</summary>
/// <param name="Reason">The reason, for people.</param>
/// <param name="Until">Until when at least, as far as it can be told.</param>
internal sealed record FlapSuppression(string Reason, DateTimeOffset? Until);
