namespace RingKeeper;

/// <summary>Says why a connection to a shard cannot be used now.</summary>
/// <param name="Reason">Why, without a word that may hold a secret.</param>
/// <param name="Age">For how long; null where it never opens by itself.</param>
internal readonly record struct ShardConnectionTrouble(string Reason, TimeSpan? Age);
