namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>An identity that a connection has shown: a digest, an address.</summary>
internal readonly record struct Identity(string Scheme, string Id);

/// <summary>On whose behalf an operation runs.</summary>
internal sealed record Caller(long SessionId, IReadOnlyList<Identity> Identities);
