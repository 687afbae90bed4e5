using System.Diagnostics;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Configures SASL to ZooKeeper: DIGEST-MD5 with <see cref="User"/> and <see cref="Password"/>, or <see cref="Kerberos"/>.</summary>
public sealed class ZKSaslSettings
{
    /// <summary>Gets or sets the user of DIGEST-MD5 (default: none).</summary>
    public string? User { get; set; }

    /// <summary>Gets or sets the password of the user (default: none). Never logged.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? Password { get; set; }

    /// <summary>Gets or sets whether the Kerberos identity of the process is proved (default: false).</summary>
    public bool Kerberos { get; set; }

    /// <summary>Gets or sets the service part of the servers' Kerberos principals (default: <c>zookeeper</c>).</summary>
    public string? ServiceName { get; set; }

    /// <summary>Gets or sets the host part of the servers' Kerberos principals, with a realm where needed (default: the host of the connect string).</summary>
    public string? ServiceHost { get; set; }

    /// <summary>Describes the settings without secrets.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => Kerberos || !string.IsNullOrEmpty(User) ? $"SASL {(Kerberos ? "GSSAPI" : $"DIGEST-MD5 as {User}")}" : "no SASL";

    internal ZooKeeperSaslOptions? ToOptions()
    {
        if (Kerberos)
        {
            var kerberos = new KerberosSaslOptions { ServiceHost = string.IsNullOrEmpty(ServiceHost) ? null : ServiceHost };
            return string.IsNullOrEmpty(ServiceName) ? kerberos : kerberos with { ServiceName = ServiceName };
        }

        return string.IsNullOrEmpty(User) ? null : new DigestMd5SaslOptions(User, Password ?? "");
    }

    /// <summary>Says what cannot work, without a secret; null where nothing is wrong.</summary>
    internal string? FindFlaw()
    {
        var (hasUser, hasPassword) = (!string.IsNullOrEmpty(User), !string.IsNullOrEmpty(Password));
        if (Kerberos)
        {
            return hasUser || hasPassword ? "asks for Kerberos and has a user or a password, which Kerberos does not take. Leave out one of the two." : null;
        }

        if (!string.IsNullOrEmpty(ServiceName) || !string.IsNullOrEmpty(ServiceHost))
        {
            return "names a service, which only Kerberos takes. Set Kerberos to true, or leave it out.";
        }

        return hasUser == hasPassword ? null : "needs both User and Password. Give the one that is missing, or leave both out.";
    }
}
