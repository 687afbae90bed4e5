using System.Text;
using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>The digest scheme: whoever shows <c>user:password</c> is <c>user:base64(SHA-1(user:password))</c>.</summary>
internal static class DigestScheme
{
    public static Identity Identify(byte[] credentials)
    {
        var parts = Encoding.UTF8.GetString(credentials).Split(':', 2);
#pragma warning disable CA5350 // SHA-1 is what the digest scheme of ZooKeeper defines.
        var digest = System.Security.Cryptography.SHA1.HashData(credentials);
#pragma warning restore CA5350
        return new Identity("digest", $"{parts[0]}:{Convert.ToBase64String(digest)}");
    }
}
