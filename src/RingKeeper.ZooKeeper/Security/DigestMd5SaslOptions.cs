using System.Diagnostics;
using System.Security.Cryptography;
using RingKeeper.ZooKeeper.Security;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// Proves user and password by DIGEST-MD5 (RFC 2831): the password itself is not sent, and the server must prove that it knows it, too. Still, use it over TLS:
/// what crosses the network can be guessed at offline. Not to be had where the system forbids MD5, as in FIPS mode.
/// </summary>
public sealed record DigestMd5SaslOptions : ZooKeeperSaslOptions
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string _password;

    /// <summary>Creates the options.</summary>
    /// <param name="user">The user, as the server's JAAS file names it (<c>user_NAME</c>).</param>
    /// <param name="password">The password. Never logged.</param>
    /// <exception cref="ArgumentException">One of them is empty.</exception>
    public DigestMd5SaslOptions(string user, string password)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentException.ThrowIfNullOrEmpty(password);
        (User, _password) = (user, password);
    }

    /// <summary>Gets the user.</summary>
    public string User { get; }

    /// <inheritdoc/>
    public override string Mechanism => "DIGEST-MD5";

    /// <summary>Names mechanism and user.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{Mechanism} as {User}";

    internal override ISaslConversation Begin(string host) => new DigestMd5Conversation(User, _password, DigestMd5.NewClientNonce());

    internal override void Check()
    {
        try
        {
            DigestMd5.Probe();
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
#pragma warning disable MA0015 // The message names the option; no parameter of this method is wrong.
            throw new ArgumentException("SASL DIGEST-MD5 needs MD5, which this system forbids (FIPS mode?). Use Kerberos or a client certificate of TLS.", e);
#pragma warning restore MA0015
        }
    }
}
