using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace RingKeeper.ZooKeeper;

/// <summary>Names what an identity may do with a znode.</summary>
[Flags]
public enum AclPermissions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Read data and list children.</summary>
    Read = 1,

    /// <summary>Change data.</summary>
    Write = 2,

    /// <summary>Create children.</summary>
    Create = 4,

    /// <summary>Delete children.</summary>
    Delete = 8,

    /// <summary>Change the ACL.</summary>
    Admin = 16,

    /// <summary>Everything.</summary>
    All = 31,
}

/// <summary>Grants permissions on a znode to one identity.</summary>
/// <param name="Permissions">What is granted.</param>
/// <param name="Scheme">The authentication scheme: <c>world</c>, <c>auth</c>, <c>digest</c>, <c>ip</c>, <c>sasl</c> or <c>x509</c>.</param>
/// <param name="Id">The identity within the scheme.</param>
public sealed record Acl(AclPermissions Permissions, string Scheme, string Id)
{
    /// <summary>Gets the list that lets everybody do everything (world:anyone).</summary>
    public static IReadOnlyList<Acl> OpenToWorld { get; } = [new(AclPermissions.All, "world", "anyone")];

    /// <summary>Gets the list that grants everything to the identities of the creating session alone.</summary>
    public static IReadOnlyList<Acl> CreatorOnly { get; } = [new(AclPermissions.All, "auth", "")];

    /// <summary>Makes the ACL entry of a digest identity: <c>user:base64(SHA-1(user:password))</c>.</summary>
    /// <param name="user">The user name.</param>
    /// <param name="password">The password; only its digest is kept.</param>
    /// <param name="permissions">What is granted.</param>
    /// <returns>The entry.</returns>
    public static Acl Digest(string user, string password, AclPermissions permissions = AclPermissions.All)
    {
#pragma warning disable CA5350 // SHA-1 is what the digest scheme of ZooKeeper defines.
        var hash = SHA1.HashData(Encoding.UTF8.GetBytes($"{user}:{password}"));
#pragma warning restore CA5350
        return new Acl(permissions, "digest", $"{user}:{Convert.ToBase64String(hash)}");
    }

    /// <summary>Makes the ACL entry of a SASL identity.</summary>
    /// <param name="user">The user of DIGEST-MD5, or the principal of Kerberos as the servers see it: <c>app@EXAMPLE.ORG</c>, or shorter where they are told to cut host or realm.</param>
    /// <param name="permissions">What is granted.</param>
    /// <returns>The entry.</returns>
    /// <exception cref="ArgumentException">The user is empty.</exception>
    public static Acl Sasl(string user, AclPermissions permissions = AclPermissions.All)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        return new Acl(permissions, "sasl", user);
    }

    /// <summary>Makes the ACL entry of those who show a client certificate of TLS.</summary>
    /// <param name="subject">The subject as Java writes it (RFC 2253): the last part first, no blanks after commas, e.g. <c>CN=app,OU=shop</c>.</param>
    /// <param name="permissions">What is granted.</param>
    /// <returns>The entry.</returns>
    /// <exception cref="ArgumentException">The subject is empty.</exception>
    public static Acl X509(string subject, AclPermissions permissions = AclPermissions.All)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        return new Acl(permissions, "x509", subject);
    }

    /// <summary>Makes the ACL entry of an address or a network. It guards little: whoever stands behind the address is let in.</summary>
    /// <param name="network">The network, as <c>IPNetwork.Parse("10.1.0.0/16")</c>; a single address is one of all its bits.</param>
    /// <param name="permissions">What is granted.</param>
    /// <returns>The entry.</returns>
    public static Acl Ip(IPNetwork network, AclPermissions permissions = AclPermissions.All) =>
        new(permissions, "ip", network.PrefixLength == network.BaseAddress.GetAddressBytes().Length * 8 ? $"{network.BaseAddress}" : $"{network}");
}
