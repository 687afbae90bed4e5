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

        if (offer[0] == NoLayer && (offer[1] | offer[2] | offer[3]) != 0)
        {
            throw new SecurityFailureException("SASL GSSAPI failed: the server offers no protection, and yet a size for it (RFC 4752)");
        }

        // No layer, so a size of zero; no authorization identity: that of the ticket.
        return [NoLayer, 0, 0, 0];
    }
}
