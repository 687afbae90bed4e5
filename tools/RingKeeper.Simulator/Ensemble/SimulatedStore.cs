using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.Simulator;

/// <summary>
/// A client of the simulated ensemble, in a simulated process: what a checker under test takes for ZooKeeper. Sessions, deadlines, lost replies,
/// reconnects and watches are as <see cref="ZooKeeperClient"/> has them.
/// </summary>
internal sealed class SimulatedStore : IZNodeStore
{
    private static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(1);

    private readonly Agenda _agenda;
    private readonly Network _network;
    private readonly SimulatedEnsemble _ensemble;
    private readonly SimulatedProcess _process;
    private readonly Random _random;
    private readonly SessionTiming _timing;
    private readonly ReconnectPolicy _pauses = new(TimeSpan.FromSeconds(1));
    private readonly List<StoreRequest> _unsent = [];
    private readonly List<StoreRequest> _inFlight = [];
    private readonly List<StoreWatch> _watches = [];

    private ServerConnection? _connection;
    private Pipe? _toServer;
    private long _sessionId;
    private long _lastZxid;
    private long _lastHeard;
    private int _attempt;
    private int _tried;
    private int _watchNumber;

    public SimulatedStore(Network network, SimulatedEnsemble ensemble, SimulatedProcess process, Random random, TimeSpan sessionTimeout)
    {
        (_agenda, _network, _ensemble, _process, _random) = (network.Agenda, network, ensemble, process, random);
        _timing = new SessionTiming(sessionTimeout);
        _tried = random.Next(ensemble.Servers.Count);
        process.After(TimeSpan.Zero, Connect);
        process.After(_timing.PingInterval, KeepUp);
    }

    public SessionSnapshot Session { get; private set; } = new(SessionState.Connecting, 0, 0, TimeSpan.Zero, null);

    /// <summary>Hears each change of the session.</summary>
    /// <summary>Told of each late message, and by how much.</summary>
    public Action<TimeSpan>? HeldUp { get; set; }

    public Action<SessionSnapshot> SessionChanged { get; set; } = static _ => { };

    /// <summary>What is sent instead of a multi; a mutant leaves out what keeps it safe. Null: the multi as it is.</summary>
    public Func<IReadOnlyList<ZooKeeperOp>, IReadOnlyList<ZooKeeperOp>>? Rewrite { get; set; }

    /// <summary>Whether an event of a lasting watch is heard; a mutant loses some.</summary>
    public Func<WatchedEvent, bool> Hears { get; set; } = static _ => true;

    public Task<string> CreateAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, IReadOnlyList<Acl>? acl = null, CancellationToken cancellationToken = default) =>
        WriteAsync(path, Create(path, data, mode, acl), static result => result.Path, cancellationToken);

    public Task DeleteAsync(string path, int version = -1, CancellationToken cancellationToken = default) =>
        WriteAsync(path, new DeleteOperation(path, version), static _ => true, cancellationToken);

    public Task<Stat> SetDataAsync(string path, ReadOnlyMemory<byte> data, int version = -1, CancellationToken cancellationToken = default) =>
        WriteAsync(path, new SetDataOperation(path, data.ToArray(), version), static result => result.Stat!.Value, cancellationToken);

    public Task<Stat?> ExistsAsync(string path, CancellationToken cancellationToken = default) =>
        ReadAsync(path, static node => node?.ToStat(), orNothing: true, cancellationToken);

    public Task<NodeData> GetDataAsync(string path, CancellationToken cancellationToken = default) =>
        ReadAsync(path, static node => new NodeData(node!.Data ?? [], node.ToStat()), orNothing: false, cancellationToken);

    public Task<NodeChildren> GetChildrenAsync(string path, CancellationToken cancellationToken = default) =>
        ReadAsync(path, static node => new NodeChildren([.. node!.Children], node.ToStat()), orNothing: false, cancellationToken);

    public Task<NodeAcl> GetAclAsync(string path, CancellationToken cancellationToken = default) =>
        ReadAsync(path, static node => new NodeAcl(node!.Acl, node.ToStat()), orNothing: false, cancellationToken);

    public Task<WatchedResult<NodeChildren>> GetChildrenAndWatchAsync(string path, CancellationToken cancellationToken = default) =>
        ReadAndWatchAsync(path, StoreWatchKind.Child, static node => new NodeChildren([.. node!.Children], node.ToStat()), cancellationToken);

    /// <summary>Reads the data of a znode and watches it for deletion or a change of its data.</summary>
    public Task<WatchedResult<NodeData>> GetDataAndWatchAsync(string path, CancellationToken cancellationToken = default) =>
        ReadAndWatchAsync(path, StoreWatchKind.Data, static node => new NodeData(node!.Data ?? [], node.ToStat()), cancellationToken);

    public Task<IReadOnlyList<ZooKeeperOpResult>> MultiAsync(IReadOnlyList<ZooKeeperOp> operations, CancellationToken cancellationToken = default)
    {
        var sent = Rewrite?.Invoke(operations) ?? operations;
        List<TreeOperation> writes = [.. sent.Select(ToTree)];
        var request = new StoreRequest<IReadOnlyList<ZooKeeperOpResult>>(null);
        request.Run = connection => connection.Write(writes, commit => Answer(connection, request, () =>
        {
            var failed = commit.Results.Select(static (r, i) => (r.Error, Index: i)).FirstOrDefault(static r => r.Error is not (ZooKeeperErrorCode.Ok or ZooKeeperErrorCode.RuntimeInconsistency));
            if (failed.Error != ZooKeeperErrorCode.Ok)
            {
                request.Fail(new ZooKeeperMultiException(failed.Index, failed.Error, sent[failed.Index].Path));
            }
            else
            {
                request.Complete([.. commit.Results.Select((r, i) => new ZooKeeperOpResult(r.Path.Length > 0 ? r.Path : sent[i].Path, sent[i] is ZooKeeperOp.SetDataOp ? r.Stat : null))]);
            }
        }));
        return SendAsync(request, cancellationToken);
    }

    public Task<IAsyncDisposable> WatchAsync(string path, WatchMode mode, Action<WatchedEvent> heard, CancellationToken cancellationToken = default)
    {
        var kind = mode == WatchMode.PersistentRecursive ? StoreWatchKind.Recursive : StoreWatchKind.Persistent;
        var watch = new StoreWatch(++_watchNumber, path, kind, change =>
        {
            if (Hears(change))
            {
                heard(change);
            }
        });
        var request = new StoreRequest<IAsyncDisposable>(path);
        request.Run = connection => connection.Read(() =>
        {
            watch.Arm(connection, EventArrives);
            Answer(connection, request, () =>
            {
                _watches.Add(watch);
                request.Complete(new Lease(this, watch));
            });
        });
        return SendAsync(request, cancellationToken);
    }

    /// <summary>Ends the session, as a process that stops in order does.</summary>
    public void Close()
    {
        if (_connection is { } connection)
        {
            _toServer!.Send(() =>
            {
                if (connection.Session is { } session)
                {
                    _ensemble.End(session);
                }
            });
        }
    }

    /// <summary>The process is gone: its host tells the server, if it can.</summary>
    public void Abandon()
    {
        if (_connection is { } connection)
        {
            _toServer!.Send(connection.Close);
        }
    }

    /// <summary>Breaks the connection, as a reset does; false where there is none.</summary>
    public bool Reset()
    {
        if (_connection is not { } connection)
        {
            return false;
        }

        connection.Close();
        return true;
    }

    private static CreateOperation Create(string path, ReadOnlyMemory<byte> data, CreateMode mode, IReadOnlyList<Acl>? acl) =>
        new(OpCode.Create, path, data.ToArray(), acl ?? Acl.OpenToWorld, (int)mode);

    private static TreeOperation ToTree(ZooKeeperOp operation) => operation switch
    {
        ZooKeeperOp.CreateOp create => Create(create.Target, create.Data, create.Mode, create.Acl),
        ZooKeeperOp.DeleteOp delete => new DeleteOperation(delete.Target, delete.Version),
        ZooKeeperOp.SetDataOp set => new SetDataOperation(set.Target, set.Data.ToArray(), set.Version),
        ZooKeeperOp.CheckOp check => new CheckOperation(check.Target, check.Version),
        _ => throw new ArgumentException($"{operation.GetType().Name} is no operation of a multi.", nameof(operation)),
    };

    private Task<T> WriteAsync<T>(string path, TreeOperation operation, Func<TreeResult, T> result, CancellationToken cancellationToken)
    {
        var request = new StoreRequest<T>(path);
        request.Run = connection => connection.Write([operation], commit => Answer(connection, request, () => request.CompleteOrFail(commit.Results[0].Error, () => result(commit.Results[0]))));
        return SendAsync(request, cancellationToken);
    }

    private Task<T> ReadAsync<T>(string path, Func<DataNode?, T> read, bool orNothing, CancellationToken cancellationToken)
    {
        var request = new StoreRequest<T>(path);
        request.Run = connection => connection.Read(() =>
        {
            var node = connection.Server.Tree.Find(path);
            var (error, value) = node is null && !orNothing ? (ZooKeeperErrorCode.NoNode, default(T)!) : (ZooKeeperErrorCode.Ok, read(node));
            Answer(connection, request, () => request.CompleteOrFail(error, () => value));
        });
        return SendAsync(request, cancellationToken);
    }

    private Task<WatchedResult<T>> ReadAndWatchAsync<T>(string path, StoreWatchKind kind, Func<DataNode, T> read, CancellationToken cancellationToken)
    {
        var request = new StoreRequest<WatchedResult<T>>(path);
        request.Run = connection => connection.Read(() =>
        {
            if (connection.Server.Tree.Find(path) is not { } node)
            {
                Answer(connection, request, () => request.CompleteOrFail(ZooKeeperErrorCode.NoNode, static () => default));
                return;
            }

            var changed = new TaskCompletionSource<WatchedEvent>();
            var watch = new StoreWatch(++_watchNumber, path, kind, change => changed.TrySetResult(change));
            var value = read(node);
            watch.Arm(connection, EventArrives);
            Answer(connection, request, () =>
            {
                _watches.Add(watch);
                request.Complete(new WatchedResult<T>(value, changed.Task));
            });
        });
        return SendAsync(request, cancellationToken);
    }

    private Task<T> SendAsync<T>(StoreRequest<T> request, CancellationToken cancellationToken)
    {
        _agenda.AssertThread();
        cancellationToken.ThrowIfCancellationRequested();
        if (_connection is null)
        {
            _unsent.Add(request);
        }
        else
        {
            Send(request);
        }

        return request.Task;
    }

    private void Send(StoreRequest request)
    {
        var connection = _connection!;
        _inFlight.Add(request);
        request.Fault = _network.DrawFault();
        if (request.Fault == MessageFault.LostBefore)
        {
            _toServer!.Send(connection.Close);
            return;
        }

        _toServer!.Send(() => request.Run!(connection), request.Fault == MessageFault.Late ? Lateness() : default);
    }

    private TimeSpan Lateness()
    {
        var late = _network.Lateness();
        HeldUp?.Invoke(late);
        return late;
    }

    // Called at the server: the answer, unless it is lost with its connection.
    private void Answer(ServerConnection connection, StoreRequest request, Action arrive)
    {
        if (request.Fault == MessageFault.LostAfter)
        {
            connection.Close();
            return;
        }

        var zxid = connection.Server.AppliedZxid;
        connection.Reply(() => _process.Deliver(() =>
        {
            if (_connection != connection)
            {
                return;
            }

            _inFlight.Remove(request);
            _lastHeard = _agenda.Now;
            _lastZxid = Math.Max(_lastZxid, zxid);
            arrive();
        }));
    }

    private void EventArrives(StoreWatch watch, WatchedEvent change) => _process.Deliver(() =>
    {
        if (_connection is not null)
        {
            _lastHeard = _agenda.Now;
            if (watch.IsOneShot)
            {
                _watches.Remove(watch);
            }

            watch.Hear(change);
        }
    });

    private void Connect()
    {
        if (_connection is not null)
        {
            return;
        }

        var attempt = ++_attempt;
        var server = _ensemble.Servers[_tried++ % _ensemble.Servers.Count];
        var toServer = new Pipe(_network, _process.Host, server.Host);
        toServer.Send(() =>
        {
            // A server that is behind what this client has seen closes without a word, and so does one that has no leader.
            if (server.AcceptsClients && server.AppliedZxid >= _lastZxid)
            {
                ServerConnection? connection = null;
                connection = new ServerConnection(server, _process.Host, () => _process.Deliver(() => OnClosed(connection!)));
                connection.Greet(_sessionId, _timing.Timeout, session => _process.Deliver(() => OnGreeted(attempt, connection, toServer, session)));
            }
        });
        _process.After(AttemptTime, () => RetryIf(attempt));
    }

    private void RetryIf(int attempt)
    {
        if (_attempt == attempt && _connection is null)
        {
            GiveUpIfDue();
            _process.After(_pauses.PauseBefore(_attempt, _random.NextDouble()), Connect);
        }
    }

    private void OnGreeted(int attempt, ServerConnection connection, Pipe toServer, SimulatedSession? session)
    {
        if (attempt != _attempt || _connection is not null)
        {
            toServer.Send(connection.Close);
            return;
        }

        if (session is null)
        {
            Expire();
            _process.After(TimeSpan.FromMilliseconds(5), Connect);
            return;
        }

        var isNew = _sessionId == 0;
        (_connection, _toServer, _sessionId, _lastHeard, _attempt) = (connection, toServer, session.Id, _agenda.Now, attempt + 1);
        Publish(new SessionSnapshot(SessionState.Connected, Session.Epoch + (isNew ? 1 : 0), session.Id, _timing.Timeout, $"zk{connection.Server.Host}:2181") { Connection = Session.Connection + 1 });
        Rearm(connection);
        foreach (var request in _unsent.ToList())
        {
            _unsent.Remove(request);
            if (_connection == connection)
            {
                Send(request);
            }
            else
            {
                _unsent.Add(request);
            }
        }
    }

    // Before anything else that the connection carries; what was missed arrives before the word that all is set again.
    private void Rearm(ServerConnection connection)
    {
        var (lost, zxid) = (_watches.ToList(), _lastZxid);
        if (lost.Count == 0)
        {
            return;
        }

        _toServer!.Send(() => connection.Read(() =>
        {
            foreach (var watch in lost)
            {
                watch.Rearm(connection, zxid, EventArrives);
            }

            connection.Reply(() => _process.Deliver(() =>
            {
                foreach (var watch in lost.Where(w => !w.IsOneShot && !w.IsOver))
                {
                    watch.Hear(new WatchedEvent(WatchedEventType.Gap, watch.Path));
                }
            }));
        }));
    }

    private void OnClosed(ServerConnection connection)
    {
        if (_connection == connection)
        {
            Lose();
        }
    }

    private void Lose()
    {
        _toServer!.Send(_connection!.Close);
        (_connection, _toServer) = (null, null);
        var lost = _inFlight.ToList();
        _inFlight.Clear();
        Publish(Session with { State = SessionState.Suspended });
        foreach (var request in lost)
        {
            request.Fail(new ZooKeeperException(ZooKeeperErrorCode.ConnectionLoss, request.Path, OperationOutcome.Unknown));
        }

        _process.After(_pauses.PauseBefore(1, _random.NextDouble()), Connect);
    }

    private void Expire()
    {
        _sessionId = 0;
        Publish(Session with { State = SessionState.Lost });
        var waiting = _unsent.ToList();
        _unsent.Clear();
        foreach (var request in waiting)
        {
            request.Fail(new ZooKeeperException(ZooKeeperErrorCode.SessionExpired, request.Path, OperationOutcome.NotSent));
        }

        foreach (var watch in _watches.ToList())
        {
            if (watch.IsOneShot)
            {
                _watches.Remove(watch);
            }

            watch.Hear(new WatchedEvent(WatchedEventType.SessionExpired, watch.Path));
        }

        Publish(Session with { State = SessionState.Connecting, SessionId = 0 });
    }

    private void KeepUp()
    {
        if (_connection is { } connection)
        {
            if (_agenda.Now - _lastHeard > _timing.ReadTimeout.Ticks)
            {
                Lose();
            }
            else
            {
                _toServer!.Send(() => connection.Read(() => connection.Reply(() => _process.Deliver(() => _lastHeard = _agenda.Now))));
            }
        }
        else
        {
            GiveUpIfDue();
        }

        _process.After(_timing.PingInterval, KeepUp);
    }

    private void GiveUpIfDue()
    {
        if (_sessionId != 0 && _connection is null && _agenda.Now - _lastHeard > _timing.GiveUp.Ticks)
        {
            Expire();
        }
    }

    private void Publish(SessionSnapshot session)
    {
        Session = session;
        SessionChanged(session);
    }

    private sealed class Lease(SimulatedStore store, StoreWatch watch) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            watch.IsOver = true;
            store._watches.Remove(watch);
            if (store._connection is { } connection)
            {
                store._toServer!.Send(() =>
                {
                    if (connection.Watchers.Remove(watch.Number, out var watcher))
                    {
                        connection.Server.Watches.RemoveAll(watcher);
                    }
                });
            }

            return ValueTask.CompletedTask;
        }
    }
}
