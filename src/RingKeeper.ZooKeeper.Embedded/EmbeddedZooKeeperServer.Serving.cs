using System.Net.Sockets;
using System.Text;
using RingKeeper.ZooKeeper.Embedded.InProcess;

namespace RingKeeper.ZooKeeper.Embedded;

/// <content>What runs while the server listens.</content>
public sealed partial class EmbeddedZooKeeperServer : IConnectionHandler
{
    ValueTask IConnectionHandler.ReceivedAsync(Connection connection, byte[] frame)
    {
        // The time of arrival counts, not the time of execution.
        if (connection is { Session: { } session, IsMoved: false, Home.IsCutOff: false })
        {
            _database.Sessions.Touch(session);
        }

        return _executor.PostAsync(() => Process(connection, frame));
    }

    ValueTask IConnectionHandler.ReceivedWordAsync(Connection connection, string word) => _executor.PostAsync(() =>
        connection.Send(Encoding.ASCII.GetBytes(FourLetterWords.Answer(word, Measure(connection.Home)))));

    Task IConnectionHandler.DisconnectedAsync(Connection connection) => _executor.InvokeAsync(() =>
    {
        connection.Home.Detach(connection);
        connection.CloseAfterFlush();
    });

    private static void Process(Connection connection, byte[] frame)
    {
        try
        {
            connection.Home.Process(connection, frame);
        }
        catch
        {
            // A client that waits for an answer that cannot come is better off without this connection.
            connection.Home.Drop(connection);
            throw;
        }
    }

    private void Accept(Socket socket, EmbeddedFollower? follower)
    {
        lock (_accepting)
        {
            if (_refuseConnections || Connection.TryOpen(socket, HomeOf(follower), _options, Faults) is not { } connection)
            {
                socket.Dispose();
                return;
            }

            Serve(connection);
        }
    }

    /// <summary>Connects inside the process.</summary>
    /// <exception cref="IOException">The server is stopped.</exception>
    internal Stream Connect(EmbeddedFollower? follower = null)
    {
        lock (_accepting)
        {
            if (!_isServing)
            {
                throw new IOException("The embedded ZooKeeper server is stopped.");
            }

            var (client, server) = InProcessStream.CreatePair();
            if (_refuseConnections)
            {
                server.Dispose();
            }
            else
            {
                Serve(Connection.Open(server, HomeOf(follower), _options, Faults));
            }

            return client;
        }
    }

    private RequestProcessor HomeOf(EmbeddedFollower? follower) => follower?.Processor ?? _processor;

    private void Serve(Connection connection)
    {
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
        if (!_isServing)
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

    private ServerStatistics Measure(RequestProcessor home) => new(
        _database.Rules.Name,
        home.IsReadOnly,
        home.Received,
        _connections.Count,
        _database.Zxid,
        _database.Tree.Count,
        _database.Watches.Count,
        _database.Tree.EphemeralCount,
        _database.Sessions.Count);
}
