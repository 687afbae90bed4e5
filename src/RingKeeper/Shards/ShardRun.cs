namespace RingKeeper;

/// <summary>One run of a shard's server as one connection to it found it: another connection, or a restart, is another object.</summary>
/// <param name="runId">The server's <c>run_id</c>; null where the server does not let it be asked for.</param>
internal sealed class ShardRun(string? runId)
{
    public string? RunId { get; } = runId;
}

/// <summary>The run of a shard's server that a connection reaches now; written by the connection alone.</summary>
internal sealed class ShardRunSlot
{
    private volatile ShardRun? _current;

    /// <summary>The run; null from before a connection is made until the server has told, so that nothing read over it can pass for read before.</summary>
    public ShardRun? Current
    {
        get => _current;
        set => _current = value;
    }
}
