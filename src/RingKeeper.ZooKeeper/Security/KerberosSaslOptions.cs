using RingKeeper.ZooKeeper.Security;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// Proves a Kerberos identity by GSSAPI (RFC 4752): the one that the system has a ticket or a keytab for. On Unix it takes the system's GSSAPI library
/// (Debian: libgssapi-krb5-2), with its variables <c>KRB5_CONFIG</c>, <c>KRB5CCNAME</c> and <c>KRB5_CLIENT_KTNAME</c>. The server must prove its identity, too.
/// </summary>
public sealed record KerberosSaslOptions : ZooKeeperSaslOptions
{
    /// <summary>Gets the service part of the servers' principals (default: <c>zookeeper</c>).</summary>
    public string ServiceName { get; init; } = "zookeeper";

    /// <summary>Gets the host part of the servers' principals (default: null, the host of the connect string); a realm may follow, as in <c>zk1.example.org@EXAMPLE.ORG</c>.</summary>
    public string? ServiceHost { get; init; }

    /// <inheritdoc/>
    public override string Mechanism => "GSSAPI";

    /// <summary>Names mechanism and service.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{Mechanism} to {PrincipalOf("HOST")}";

    internal override ISaslConversation Begin(string host) => new KerberosConversation(PrincipalOf(host));

    internal override void Check()
    {
        if (string.IsNullOrWhiteSpace(ServiceName) || (ServiceHost is not null && string.IsNullOrWhiteSpace(ServiceHost)))
        {
#pragma warning disable MA0015 // The message names the option; no parameter of this method is wrong.
            throw new ArgumentException($"{nameof(KerberosSaslOptions)}.{nameof(ServiceName)} and {nameof(ServiceHost)} cannot be blank. The principal of a server is often zookeeper/HOST.");
#pragma warning restore MA0015
        }
    }

    private string PrincipalOf(string host) => $"{ServiceName}/{ServiceHost ?? host}";
}
