using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RingKeeper.ZooKeeper;

/// <summary>Configures a ZooKeeper client.</summary>
public sealed record ZooKeeperClientOptions
{
    /// <summary>Gets the servers and the chroot: <c>host:port,host:port/chroot</c>; the port defaults to 2181, an IPv6 address stands in brackets.</summary>
    public required string ConnectString { get; init; }

    /// <summary>Gets the session timeout that is asked for (default: 10 s). The server clamps it, by default to 2 to 20 of its ticks.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets how long one attempt to reach one server may take at most, handshake included (default: 2 s). While a session is at stake an
    /// attempt takes no more than its share of the time the session has left, so that servers that hang leave time for the others.
    /// </summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets how long connecting tries all servers before it gives up (default: 10 s).</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how long a request may wait for a connection before it fails as never sent (default: 10 s).</summary>
    public TimeSpan UnsentTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets the longest pause before the next server is tried; the pause is random between zero and this (default: 500 ms).</summary>
    public TimeSpan MaxReconnectPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Gets the largest frame that is sent or accepted, in bytes (default: 1,048,575, jute.maxbuffer of the server).</summary>
    public int MaxFrameLength { get; init; } = 1_048_575;

    /// <summary>
    /// Gets how many requests may wait, sent or unsent, at most (default: 100,000). Beyond it a request fails at once as never sent, with
    /// <see cref="ZooKeeperErrorCode.ThrottledOperation"/>, so that a caller who does not await cannot exhaust the memory.
    /// </summary>
    public int MaxPendingRequests { get; init; } = 100_000;

    /// <summary>Gets the digest credentials as <c>user:password</c>, or null. They are sent on every connection and never logged.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? DigestCredentials { get; init; }

    /// <summary>Gets how the connections are secured by TLS, or null for none (default: null). The servers need a <c>secureClientPort</c>.</summary>
    public ZooKeeperTlsOptions? Tls { get; init; }

    /// <summary>Gets how the client proves its identity by SASL on each connection, or null for not at all (default: null).</summary>
    public ZooKeeperSaslOptions? Sasl { get; init; }

    /// <summary>Gets the ACL of znodes created without one (default: open to the world).</summary>
    public IReadOnlyList<Acl> DefaultAcl { get; init; } = Acl.OpenToWorld;

    /// <summary>
    /// Gets whether a server that lost its quorum and serves reads alone may be used while there is no other (default: false). The servers need
    /// <c>-Dreadonlymode.enabled=true</c>, and as of about 3.6 <c>localSessionsEnabled=true</c> too: they refuse there to go on with a session of the ensemble, so that this one
    /// is given up first, 4/3 of its timeout after the loss, and open no new one otherwise. Older ones go on with it.
    /// The state is then <see cref="SessionState.ReadOnly"/>, and the others are asked every 100 ms to 60 s whether they serve writes again.
    /// </summary>
    public bool AllowReadOnly { get; init; }

    /// <summary>Gets what opens the stream to a server (default: null, TCP; names are resolved at each attempt).</summary>
    public IZooKeeperTransport? Transport { get; init; }

    /// <summary>Gets the clock (default: the system's).</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets the source of randomness for the order of servers and the pauses (default: a new one).</summary>
    public Random Random { get; init; } = new();

    /// <summary>Gets the log (default: none).</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Describes the options without the credentials.</summary>
    /// <returns>The description.</returns>
    public override string ToString() =>
        $"{ConnectString} (session timeout {SessionTimeout.TotalMilliseconds:0} ms, digest {(DigestCredentials is null ? "no" : "yes")}, {Tls?.ToString() ?? "no TLS"}, SASL {Sasl?.ToString() ?? "no"})";
}
