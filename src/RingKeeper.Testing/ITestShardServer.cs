namespace RingKeeper.Testing;

/// <summary>A shard that a test cluster can take away and bring back, at one address.</summary>
internal interface ITestShardServer : IAsyncDisposable
{
    /// <summary>Where clients and checkers find it.</summary>
    string Addr { get; }

    /// <summary>Ends it: connections break, new ones are refused; a server of ours loses what it held.</summary>
    Task KillAsync();

    /// <summary>Starts it again at the same address.</summary>
    Task RestartAsync();

    /// <summary>Cuts it off the network: connections break, new ones are refused; it keeps what it holds.</summary>
    Task CutOffAsync();

    /// <summary>Puts it back on the network.</summary>
    Task ReconnectAsync();

    /// <summary>Lets it hang: connections stay, and nothing is answered.</summary>
    void Hang();

    /// <summary>Lets each answer come so much later.</summary>
    void Slow(TimeSpan delay);

    /// <summary>Lets it answer as usual again, first what it was asked meanwhile.</summary>
    void Resume();
}
