namespace RingKeeper.ZooKeeper;

/// <summary>An identity that the server grants to a session.</summary>
/// <param name="Scheme">The authentication scheme, such as <c>ip</c>, <c>digest</c> or <c>sasl</c>.</param>
/// <param name="User">The user within the scheme as the server tells it; of a digest without its hash, of an ip the address.</param>
public sealed record ZooKeeperIdentity(string Scheme, string User);
