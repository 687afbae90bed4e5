namespace RingKeeper.Testing;

/// <summary>Which way a stalled <see cref="TcpProxy"/> holds bytes back.</summary>
[Flags]
public enum StallDirection
{
    /// <summary>Neither way.</summary>
    None = 0,

    /// <summary>What clients send.</summary>
    ToServer = 1,

    /// <summary>What the server sends.</summary>
    ToClient = 2,

    /// <summary>Both ways.</summary>
    Both = ToServer | ToClient,
}
