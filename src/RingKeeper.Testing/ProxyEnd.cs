namespace RingKeeper.Testing;

/// <summary>How a <see cref="TcpProxy"/> ends a connection in the middle of a frame.</summary>
internal enum ProxyEnd
{
    /// <summary>In order, as a server that closes: what came before can be read.</summary>
    Close,

    /// <summary>By a reset, as a server that crashed.</summary>
    Reset,
}
