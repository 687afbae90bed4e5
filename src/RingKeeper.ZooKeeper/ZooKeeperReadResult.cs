namespace RingKeeper.ZooKeeper;

/// <summary>The result of one read of a <see cref="ZooKeeperClient.MultiReadAsync"/>; each succeeds or fails by itself.</summary>
public sealed class ZooKeeperReadResult
{
    private readonly NodeData? _data;
    private readonly IReadOnlyList<string>? _names;
    private readonly ZooKeeperException? _error;

    internal ZooKeeperReadResult(ZooKeeperRead read, NodeData data) => (Read, _data) = (read, data);

    internal ZooKeeperReadResult(ZooKeeperRead read, IReadOnlyList<string> names) => (Read, _names) = (read, names);

    internal ZooKeeperReadResult(ZooKeeperRead read, ZooKeeperException error) => (Read, _error) = (read, error);

    /// <summary>Gets what was asked for.</summary>
    public ZooKeeperRead Read { get; }

    /// <summary>Gets the path.</summary>
    public string Path => Read.Path;

    /// <summary>Gets the result code; <see cref="ZooKeeperErrorCode.Ok"/> when it succeeded.</summary>
    public ZooKeeperErrorCode Code => _error?.Code ?? ZooKeeperErrorCode.Ok;

    /// <summary>Gets a value indicating whether the read succeeded.</summary>
    public bool IsSuccess => _error is null;

    /// <summary>Gets the data and the description.</summary>
    /// <exception cref="ZooKeeperException">The read failed.</exception>
    /// <exception cref="InvalidOperationException">The read asked for the children.</exception>
    public NodeData Data => _error is not null ? throw _error : _data ?? throw new InvalidOperationException($"The read of {Path} asked for the children: see Names.");

    /// <summary>Gets the names of the children, without the parent's path, in no order.</summary>
    /// <exception cref="ZooKeeperException">The read failed.</exception>
    /// <exception cref="InvalidOperationException">The read asked for the data.</exception>
    public IReadOnlyList<string> Names => _error is not null ? throw _error : _names ?? throw new InvalidOperationException($"The read of {Path} asked for the data: see Data.");
}
