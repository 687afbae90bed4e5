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
}
