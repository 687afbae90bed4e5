namespace RingKeeper.ZooKeeper.Security;

/// <summary>The client's side of one SASL exchange. Tokens in, tokens out; it may ask the system, never the server.</summary>
internal interface ISaslConversation : IDisposable
{
    /// <summary>True once this side has said and heard all that it needs: the server's next success ends the exchange.</summary>
    bool IsDone { get; }

    /// <summary>The first token.</summary>
    /// <exception cref="SecurityFailureException">There is none to be had.</exception>
    byte[] Start();

    /// <summary>Answers the server; null where there is nothing more to say.</summary>
    /// <exception cref="SecurityFailureException">The server broke the mechanism's rules, or could not prove who it is.</exception>
    byte[]? Answer(ReadOnlySpan<byte> challenge);
}
