using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Runs everything that touches the tree, the sessions or the watches, one at a time and in the order posted.</summary>
internal sealed class SerialExecutor : IAsyncDisposable
{
    // A full queue stops the readers of the connections, and so, over TCP, the clients.
    private const int Capacity = 1000;

    private readonly Channel<Action> _work = Channel.CreateBounded<Action>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly ILogger _logger;
    private readonly Task _loop;

    public SerialExecutor(ILogger logger)
    {
        _logger = logger;
        _loop = Task.Run(RunAsync);
    }

    public ValueTask PostAsync(Action action, CancellationToken cancellationToken = default) => _work.Writer.WriteAsync(action, cancellationToken);

    /// <summary>Posts unless the queue is full.</summary>
    public bool TryPost(Action action) => _work.Writer.TryWrite(action);

    /// <exception cref="ObjectDisposedException">The server was disposed of.</exception>
    public async Task<T> InvokeAsync<T>(Func<T> function)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _work.Writer.WriteAsync(() =>
            {
                try
                {
                    done.SetResult(function());
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            }).ConfigureAwait(false);
        }
        catch (ChannelClosedException exception)
        {
            throw new ObjectDisposedException("The embedded ZooKeeper server was disposed of.", exception);
        }

        return await done.Task.ConfigureAwait(false);
    }

    public Task InvokeAsync(Action action) => InvokeAsync(() =>
    {
        action();
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        _work.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        await foreach (var action in _work.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                // One request must not end the server for all the others.
                _logger.OperationFailed(exception);
            }
        }
    }
}
