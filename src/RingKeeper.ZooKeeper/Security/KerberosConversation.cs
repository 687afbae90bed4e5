using System.Buffers;
using System.Net.Security;

namespace RingKeeper.ZooKeeper.Security;

/// <summary>GSSAPI with Kerberos (RFC 4752): the context is made by the system, then client and server agree on no further protection.</summary>
internal sealed class KerberosConversation(string principal) : ISaslConversation
{
    // Integrity, for the last step alone, which is wrapped.
    private readonly NegotiateAuthentication _context = new(new NegotiateAuthenticationClientOptions
    {
        Package = "Kerberos",
        TargetName = principal,
        RequiredProtectionLevel = ProtectionLevel.Sign,
        RequireMutualAuthentication = true,
    });

    private bool _isEstablished;

    public bool IsDone { get; private set; }

    public byte[] Start() => Step([]) ?? throw Failure("the system made no token");

    public byte[]? Answer(ReadOnlySpan<byte> challenge)
    {
        if (!_isEstablished)
        {
            // An established side without a token still owes the server an answer, an empty one.
            return Step(challenge) ?? [];
        }

        var offer = new ArrayBufferWriter<byte>();
        if (_context.Unwrap(challenge, offer, out _) is var unwrapped and not NegotiateAuthenticationStatusCode.Completed)
        {
            throw Failure($"the server's offer of protection could not be unwrapped ({unwrapped})");
        }

        var answer = new ArrayBufferWriter<byte>();
        if (_context.Wrap(GssapiLayer.Answer(offer.WrittenSpan), answer, requestEncryption: false, out _) is var wrapped and not NegotiateAuthenticationStatusCode.Completed)
        {
            throw Failure($"the answer could not be wrapped ({wrapped})");
        }

        IsDone = true;
        return answer.WrittenSpan.ToArray();
    }

    public void Dispose() => _context.Dispose();

    private byte[]? Step(ReadOnlySpan<byte> token)
    {
        byte[]? answer;
        NegotiateAuthenticationStatusCode status;
        try
        {
            answer = _context.GetOutgoingBlob(token, out status);
        }
        catch (Exception e) when (e is PlatformNotSupportedException or DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            throw new SecurityFailureException("SASL GSSAPI failed: this system has no Kerberos library (Debian: libgssapi-krb5-2)", e);
        }

        _isEstablished = status == NegotiateAuthenticationStatusCode.Completed;
        return _isEstablished || status == NegotiateAuthenticationStatusCode.ContinueNeeded
            ? answer
            : throw Failure($"the system gives no Kerberos token for {principal} ({status}). Get a ticket by kinit or name a keytab in KRB5_CLIENT_KTNAME, and check that the KDC knows {principal}");
    }

    private static SecurityFailureException Failure(string why) => new($"SASL GSSAPI failed: {why}");
}
