namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>An identity that a connection has shown: a digest, an address.</summary>
internal readonly record struct Identity(string Scheme, string Id);

/// <summary>On whose behalf an operation runs. The identities are those of this moment: an operation may be done again later.</summary>
internal sealed record Caller(long SessionId, IReadOnlyList<Identity> Identities);
