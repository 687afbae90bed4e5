namespace RingKeeper.ZooKeeper;

/// <summary>
/// How a client proves its identity by SASL, on each connection and before anything else is sent on it: <see cref="DigestMd5SaslOptions"/> or
/// <see cref="KerberosSaslOptions"/>. A server that refuses makes the session <see cref="SessionState.AuthFailed"/>; one that offers no SASL is passed over.
/// </summary>
public abstract record ZooKeeperSaslOptions
{
    private protected ZooKeeperSaslOptions()
    {
    }

    /// <summary>Gets the name of the mechanism, as SASL registers it.</summary>
    public abstract string Mechanism { get; }

    /// <summary>Begins to talk with a server.</summary>
    internal abstract Security.ISaslConversation Begin(string host);

    /// <summary>Finds out whether it can work on this system at all.</summary>
    /// <exception cref="ArgumentException">It cannot; says why.</exception>
    internal abstract void Check();
}
