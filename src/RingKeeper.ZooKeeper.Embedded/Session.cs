using System.Security.Cryptography;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>One session: who may resume it, how long it lives, and the connection it is on, if any.</summary>
internal sealed class Session(long id, byte[] password)
{
    private long _deadlineMs;

    public long Id { get; } = id;

    public byte[] Password { get; } = password;

    public bool HasPassword(byte[]? shown) => CryptographicOperations.FixedTimeEquals(Password, shown);

    public int TimeoutMs { get; set; }

    /// <summary>The connection that speaks for the session; owned by the executor.</summary>
    public Connection? Connection { get; set; }

    /// <summary>When the session ends unless it is heard again. Written by the connection's reader, read by the executor.</summary>
    public long DeadlineMs
    {
        get => Volatile.Read(ref _deadlineMs);
        set => Volatile.Write(ref _deadlineMs, value);
    }
}
