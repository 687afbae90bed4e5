using System.Net;

namespace RingKeeper.ZooKeeper.Embedded;

/// <content>What <see cref="ServerFaults"/> asks of the server.</content>
public sealed partial class EmbeddedZooKeeperServer
{
    // Replaced as a whole, so that it can be read without a lock.
    private volatile EmbeddedFollower[] _followers = [];

    internal Task InvokeAsync(Action action) => _executor.InvokeAsync(action);

    internal Task<Session?> FindSessionAsync(long sessionId) =>
        _executor.InvokeAsync(() => _database.Sessions.TryGet(sessionId, out var session) ? session : null);

    internal Task<ServerSnapshot> TakeSnapshotAsync() => _executor.InvokeAsync(() => new ServerSnapshot(_database.Clone(_database)));

    internal void Restore(ServerSnapshot snapshot)
    {
        Swap(snapshot.Database.Clone(_database));
        _database.Sessions.TouchAll();
    }

    internal void MoveSession(long sessionId)
    {
        if (_database.Sessions.TryGet(sessionId, out var session) && session.Connection is { } connection)
        {
            connection.Home.Detach(connection);
            connection.IsMoved = true;
        }
    }

    internal void ReleaseHeld()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.ReleaseHeld();
        }
    }

    internal void Rejoin(EmbeddedFollower follower)
    {
        foreach (var connection in _connections.Keys.Where(connection => connection.Home == follower.Processor && !connection.IsDetached))
        {
            follower.Processor.Drop(connection);
        }

        follower.Processor.Link!.IsCutOff = false;
        follower.Processor.Link.Refresh();
    }

    internal async Task<EmbeddedFollower> AddFollowerAsync()
    {
        await _lifecycle.WaitAsync().ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var listener = _options.Listen ? new Listener(new IPEndPoint(_options.Address, 0), _options.Logger) : null;
            var follower = new EmbeddedFollower(this, listener);
            await _executor.InvokeAsync(() => Attach(follower)).ConfigureAwait(false);
            _followers = [.. _followers, follower];
            if (_isServing)
            {
                listener?.Start(socket => Accept(socket, follower));
            }

            return follower;
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    private IEnumerable<RequestProcessor> Processors() => _followers.Select(follower => follower.Processor).Prepend(_processor);

    /// <summary>Cuts all connections and goes on with other data.</summary>
    private void Swap(Database database)
    {
        lock (_accepting)
        {
            DropAll();
            _database = database;
            _processor = new RequestProcessor(database, _options, Faults);
            foreach (var follower in _followers)
            {
                Attach(follower);
            }
        }
    }

    private void Attach(EmbeddedFollower follower)
    {
        var own = _database.Clone(_database);
        follower.Processor = new RequestProcessor(own, _options, Faults, new FollowerLink(_database, own));
        follower.Processor.SetReadOnly(_processor.IsReadOnly);
    }
}
