namespace RingKeeper.ZooKeeper.Security;

/// <summary>The last step of GSSAPI (RFC 4752, 3.1): which protection the connection gets. ZooKeeper uses none of its own. Pure.</summary>
internal static class GssapiLayer
{
    private const int OfferLength = 4;
    private const byte NoLayer = 1;

    /// <summary>Answers the offer of a server, unwrapped; what is returned is to be wrapped.</summary>
    /// <exception cref="SecurityFailureException">The offer breaks the rules, or demands a protection.</exception>
    public static byte[] Answer(ReadOnlySpan<byte> offer)
    {
        if (offer.Length != OfferLength)
        {
            throw new SecurityFailureException($"SASL GSSAPI failed: the server's offer of protection is of {offer.Length} bytes, not {OfferLength} (RFC 4752)");
        }

        if ((offer[0] & NoLayer) == 0)
        {
            throw new SecurityFailureException("SASL GSSAPI failed: the server insists on a protection of its own, which ZooKeeper does not use. Let it offer qop auth, and use TLS");
        }

        // The size of what could be protected is not looked at: Java names one, 65536, though it offers no protection.
        // No layer, so a size of zero; no authorization identity: that of the ticket.
        return [NoLayer, 0, 0, 0];
    }
}
