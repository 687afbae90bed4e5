using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Configures the connection to ZooKeeper of a <see cref="ZKConnector"/>, <see cref="ZKManager"/>, <see cref="ZKCluster"/> or <see cref="ZKChecker"/>.</summary>
public record ZKConnectorOptions
{
    /// <summary>Gets the ZooKeeper servers: <c>host:port,host:port/chroot</c>.</summary>
    public required string ZKServers { get; init; }

    /// <summary>Gets the session timeout that is asked for (default: 10 s). The server clamps it, by default to 2 to 20 of its ticks.</summary>
    public TimeSpan ZKTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how long connecting may try all servers before it fails (default: 10 s).</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets the digest credentials as <c>user:password</c>, or null (default: null). Never logged.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? DigestCredentials { get; init; }

    /// <summary>Gets how the connections to ZooKeeper are secured by TLS, or null for none (default: null).</summary>
    public ZooKeeperTlsOptions? Tls { get; init; }

    /// <summary>Gets how an identity is proved to ZooKeeper by SASL, or null for not at all (default: null). Secrets in it are never logged.</summary>
    public ZooKeeperSaslOptions? Sasl { get; init; }

    /// <summary>
    /// Gets the ACL of znodes that are created (default: open to the world, as the Go package does; for the creator's identities alone where
    /// <see cref="DigestCredentials"/> or <see cref="Sasl"/> give one; a client certificate alone does not change it).
    /// </summary>
    public IReadOnlyList<Acl>? Acl { get; init; }

    /// <summary>Gets the clock (default: the system's).</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets the source of randomness for pauses and jitter (default: a new one).</summary>
    public Random Random { get; init; } = new();

    /// <summary>Gets the maker of logs (default: none).</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Describes the options without the credentials.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{ZKServers} (session timeout {ZKTimeout.TotalMilliseconds:0} ms, digest {(DigestCredentials is null ? "no" : "yes")}, {Tls?.ToString() ?? "no TLS"}, SASL {Sasl?.ToString() ?? "no"})";

    internal ZooKeeperClientOptions ToClientOptions() => new()
    {
        ConnectString = ZKServers,
        SessionTimeout = ZKTimeout,
        StartTimeout = StartTimeout,
        DigestCredentials = DigestCredentials,
        Tls = Tls,
        Sasl = Sasl,
        DefaultAcl = Acl ?? (DigestCredentials is null && Sasl is null ? ZooKeeper.Acl.OpenToWorld : ZooKeeper.Acl.CreatorOnly),
        TimeProvider = TimeProvider,
        Random = Random,
        Logger = LoggerFactory.CreateLogger("RingKeeper.ZooKeeper"),
    };
}
