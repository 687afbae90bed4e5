using RingKeeper.ZooKeeper;

namespace RingKeeper.Simulator;

/// <summary>A request of a client, until it is answered.</summary>
internal abstract class StoreRequest(string? path)
{
    public string? Path { get; } = path;

    public MessageFault Fault { get; set; }

    /// <summary>What the server does with it.</summary>
    public Action<ServerConnection>? Run { get; set; }

    public abstract void Fail(ZooKeeperException exception);
}

/// <inheritdoc/>
internal sealed class StoreRequest<T>(string? path) : StoreRequest(path)
{
    // Continuations run at once, on the simulation's thread.
    private readonly TaskCompletionSource<T> _source = new();

    public Task<T> Task => _source.Task;

    public void Complete(T value) => _source.TrySetResult(value);

    public void CompleteOrFail(ZooKeeperErrorCode error, Func<T> value)
    {
        if (error == ZooKeeperErrorCode.Ok)
        {
            Complete(value());
        }
        else
        {
            Fail(new ZooKeeperException(error, Path));
        }
    }

    public override void Fail(ZooKeeperException exception)
    {
        _source.TrySetException(exception);

        // A caller that was killed observes nothing.
        _ = _source.Task.Exception;
    }
}
