using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli;

/// <summary>The ZooKeeper servers and what a command proves to them.</summary>
/// <param name="Servers">The servers: <c>host:port,host:port/chroot</c>.</param>
/// <param name="Digest">The digest credentials as <c>user:password</c>, or null. Never printed.</param>
/// <param name="SessionTimeout">The session timeout to ask for, or null for the command's own.</param>
internal sealed record ZooKeeperAccess(string Servers, string? Digest = null, TimeSpan? SessionTimeout = null)
{
    /// <summary>Gets how the connections are secured, or null for not at all.</summary>
    public ZooKeeperTlsOptions? Tls { get; init; }

    /// <summary>Gets the identity that is proved by SASL, or null. Never printed.</summary>
    public ZooKeeperSaslOptions? Sasl { get; init; }

    /// <summary>Names the servers alone.</summary>
    public override string ToString() => Servers;
}
