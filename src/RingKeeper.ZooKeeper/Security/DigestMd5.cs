using System.Security.Cryptography;
using System.Text;

namespace RingKeeper.ZooKeeper.Security;

/// <summary>The digests of DIGEST-MD5 (RFC 2831, 2.1.2.1). Pure, but for the nonce.</summary>
#pragma warning disable CA5351 // MD5 is what the mechanism defines.
internal static class DigestMd5
{
    /// <summary>What the digest of one exchange is made of.</summary>
    public readonly record struct Exchange(string User, string Realm, string Nonce, string ClientNonce, string DigestUri, bool IsUtf8)
    {
        /// <summary>Tells nothing: whoever has it all needs only the password.</summary>
        public override string ToString() => nameof(Exchange);
    }

    /// <summary>The text by which a client proves that it knows the password.</summary>
    public static string Response(Exchange exchange, string password) => Digest(exchange, password, "AUTHENTICATE:");

    /// <summary>The text by which the server proves it in turn.</summary>
    public static string ServerProof(Exchange exchange, string password) => Digest(exchange, password, ":");

    /// <exception cref="CryptographicException">This system forbids MD5.</exception>
    public static void Probe() => MD5.HashData([]);

    public static string NewClientNonce() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));

    private static string Digest(Exchange exchange, string password, string method)
    {
        var secret = MD5.HashData([.. Encode(exchange.User, exchange), (byte)':', .. Encode(exchange.Realm, exchange), (byte)':', .. Encode(password, exchange)]);
        var first = Hex([.. secret, .. Encoding.UTF8.GetBytes($":{exchange.Nonce}:{exchange.ClientNonce}")]);
        var second = Hex(Encoding.UTF8.GetBytes($"{method}{exchange.DigestUri}"));
        return Hex(Encoding.UTF8.GetBytes($"{first}:{exchange.Nonce}:00000001:{exchange.ClientNonce}:auth:{second}"));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));

    // What fits into ISO 8859-1 is hashed in it even where the charset is UTF-8.
    private static byte[] Encode(string text, Exchange exchange) =>
        exchange.IsUtf8 && text.Any(static c => c > 'ÿ') ? Encoding.UTF8.GetBytes(text) : Encoding.Latin1.GetBytes(text);
}
#pragma warning restore CA5351
