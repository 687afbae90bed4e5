using System.Security.Cryptography;
using System.Text;

namespace RingKeeper.ZooKeeper.Security;

/// <summary>DIGEST-MD5 (RFC 2831) as Apache ZooKeeper speaks it: initial authentication, qop auth.</summary>
internal sealed class DigestMd5Conversation(string user, string password, string clientNonce) : ISaslConversation
{
    // The names under which every server of Apache makes its SASL server.
    private const string Service = "zookeeper/zk-sasl-md5";

    // What the server must answer; null until this side has answered.
    private string? _proof;

    public bool IsDone { get; private set; }

    public byte[] Start() => [];

    public byte[]? Answer(ReadOnlySpan<byte> challenge)
    {
        var said = DigestMd5Challenge.Parse(challenge);
        if (_proof is null)
        {
            return Respond(said);
        }

        Verify(said);
        IsDone = true;
        return null;
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    private byte[] Respond(DigestMd5Challenge said)
    {
        var nonce = said.Single("nonce") is { Length: > 0 } given ? given : throw DigestMd5Challenge.Broken("it holds no nonce");
        if (said.Single("algorithm") is var algorithm && !string.Equals(algorithm, "md5-sess", StringComparison.OrdinalIgnoreCase))
        {
            throw DigestMd5Challenge.Broken($"its algorithm is '{algorithm}', not md5-sess");
        }

        if (said.Single("qop") is { } qop && !qop.Split(',').Any(static offer => offer.Trim().Equals("auth", StringComparison.OrdinalIgnoreCase)))
        {
            throw new SecurityFailureException($"SASL DIGEST-MD5 failed: the server insists on a protection of its own (qop {qop}), which ZooKeeper does not use. Let it offer qop auth, and use TLS");
        }

        var isUtf8 = said.Single("charset") is { } charset && (charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) ? true : throw DigestMd5Challenge.Broken($"its charset is '{charset}', not utf-8"));
        if (!isUtf8 && (user + password).Any(static c => c > 'ÿ'))
        {
            throw new SecurityFailureException("SASL DIGEST-MD5 failed: user or password hold characters that this server, without charset utf-8, cannot take");
        }

        var realm = said.All("realm").FirstOrDefault() ?? "";
        var exchange = new DigestMd5.Exchange(user, realm, nonce, clientNonce, Service, isUtf8);
        _proof = DigestMd5.ServerProof(exchange, password);
        var text = $"{(isUtf8 ? "charset=utf-8," : "")}username=\"{Quote(user)}\",realm=\"{Quote(realm)}\",nonce=\"{Quote(nonce)}\",nc=00000001,cnonce=\"{clientNonce}\","
            + $"digest-uri=\"{Service}\",maxbuf=65536,response={DigestMd5.Response(exchange, password)},qop=auth";
        return isUtf8 ? Encoding.UTF8.GetBytes(text) : Encoding.Latin1.GetBytes(text);
    }

    private void Verify(DigestMd5Challenge said)
    {
        var proof = said.Single("rspauth") ?? "";
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(proof), Encoding.UTF8.GetBytes(_proof!)))
        {
            throw new SecurityFailureException("SASL DIGEST-MD5 failed: the server did not prove that it knows the password; it may be an impostor");
        }
    }

    private static string Quote(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
