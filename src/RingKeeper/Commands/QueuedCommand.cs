using StackExchange.Redis;

namespace RingKeeper;

/// <summary>A command that waits for its batch or transaction to be executed.</summary>
internal abstract class QueuedCommand(CommandKeys keys, RoutePolicy policy, bool maySplit)
{
    /// <summary>Its keys; at least one.</summary>
    public CommandKeys Keys => keys;

    /// <summary>How far they may move from their owners.</summary>
    public RoutePolicy Policy => policy;

    /// <summary>Whether it may be split by shard.</summary>
    public bool MaySplit => maySplit;

    /// <summary>Ends as it does.</summary>
    public abstract Task Ended { get; }

    /// <summary>Sends it, or lets a batch or transaction take it.</summary>
    /// <param name="on">What it is called on for each part.</param>
    /// <param name="parts">The shards of its keys.</param>
    public abstract void Start(Func<ShardRoute, IDatabaseAsync> on, KeyParts parts);

    /// <summary>Ends its task as what it was started on ended, where that is known already.</summary>
    public abstract void Settle();

    /// <summary>Ends its task, unless it has ended: it was not sent, or nobody knows.</summary>
    public abstract void Fail(Exception error);
}

/// <summary>A queued command with its result.</summary>
internal sealed class QueuedCommand<T>(CommandKeys keys, RoutePolicy policy, bool maySplit, object? asyncState, Func<Func<ShardRoute, IDatabaseAsync>, KeyParts, Task<T>> call)
    : QueuedCommand(keys, policy, maySplit)
{
    private readonly TaskCompletionSource<T> _source = new(asyncState, TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<T>? _started;

    public Task<T> Task => _source.Task;

    public override Task Ended => _source.Task;

    public override void Start(Func<ShardRoute, IDatabaseAsync> on, KeyParts parts)
    {
        try
        {
            _started = call(on, parts);
        }
        catch (Exception exception)
        {
            Fail(exception);
            return;
        }

        _ = _started.ContinueWith(
            static (_, command) => ((QueuedCommand<T>)command!).Settle(), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public override void Settle()
    {
        if (_started is { IsCompleted: true } ended)
        {
            _source.TrySetFromTask(ended);
            Observe();
        }
    }

    public override void Fail(Exception error)
    {
        if (error is OperationCanceledException)
        {
            _source.TrySetCanceled();
        }
        else
        {
            _source.TrySetException(error);
            Observe();
        }
    }

    // Who executes is told; the tasks of single commands are often left alone.
    private void Observe() => _ = _source.Task.Exception;
}
