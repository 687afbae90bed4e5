using System.Net.Sockets;
using System.Text;

namespace RingKeeper.ZooKeeper.Embedded;

/// <content>What runs while the server listens.</content>
public sealed partial class EmbeddedZooKeeperServer : IConnectionHandler
{
    ValueTask IConnectionHandler.ReceivedAsync(Connection connection, byte[] frame)
    {
        // The time of arrival counts, not the time of execution.
        if (connection.Session is { } session)
        {
            _database.Sessions.Touch(session);
        }

        return _executor.PostAsync(() => Process(connection, frame));
    }

    ValueTask IConnectionHandler.ReceivedWordAsync(Connection connection, string word) => _executor.PostAsync(() =>
        connection.Send(Encoding.ASCII.GetBytes(FourLetterWords.Answer(word, Measure()))));

    Task IConnectionHandler.DisconnectedAsync(Connection connection) => _executor.InvokeAsync(() =>
    {
        _processor.Detach(connection);
        connection.CloseAfterFlush();
    });

    private void Process(Connection connection, byte[] frame)
    {
        try
        {
            _processor.Process(connection, frame);
        }
        catch
        {
            // A client that waits for an answer that cannot come is better off without this connection.
            _processor.Drop(connection);
            throw;
        }
    }

    private void Accept(Socket socket)
    {
        if (_refuseConnections)
        {
            socket.Dispose();
            return;
        }

        var connection = Connection.TryOpen(socket, _options);
        if (connection is null)
        {
            return;
        }

        // The gate keeps the connection from removing itself before it was added.
        var added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = ServeAsync(connection, added.Task);
        added.SetResult();
    }

    private async Task ServeAsync(Connection connection, Task added)
    {
        await added.ConfigureAwait(false);
        try
        {
            await connection.RunAsync(this).ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
        }
    }

    private void QueueTick()
    {
        // One tick in the queue is enough: it looks at the clock when it runs.
        if (Interlocked.Exchange(ref _tickIsQueued, 1) == 0 && !_executor.TryPost(Tick))
        {
            Volatile.Write(ref _tickIsQueued, 0);
        }
    }

    private void Tick()
    {
        Volatile.Write(ref _tickIsQueued, 0);
        if (!_isListening)
        {
            return;
        }

        _processor.ExpireDue();
        if (_clock.ElapsedMs >= _nextSweepMs && !_processor.IsReadOnly)
        {
            _nextSweepMs = _clock.ElapsedMs + SweepMs;
            _database.SweepAbandoned();
        }
    }

    private ServerStatistics Measure() => new(
        _database.Rules.Name,
        _processor.IsReadOnly,
        _processor.Received,
        _connections.Count,
        _database.Zxid,
        _database.Tree.Count,
        _database.Watches.Count,
        _database.Tree.EphemeralCount,
        _database.Sessions.Count);
}
