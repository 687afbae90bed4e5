using System.Globalization;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Tests.Coordination;

/// <summary>As much of ZooKeeper as checkers use, in memory and in one thread: a request is done, and what watches it is told, before it returns.</summary>
internal sealed class MemoryZooKeeper(TimeProvider time)
{
    private readonly SortedDictionary<string, Node> _nodes = new(StringComparer.Ordinal) { ["/"] = new Node() };
    private readonly List<MemorySession> _sessions = [];
    private long _lastSession;

    /// <summary>The number of the last write that changed something.</summary>
    public long Zxid { get; private set; }

    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public MemorySession Connect()
    {
        var session = new MemorySession(this);
        _sessions.Add(session);
        session.Open(++_lastSession);
        return session;
    }

    public long NewSessionId() => ++_lastSession;

    public void End(long session)
    {
        foreach (var path in _nodes.Where(n => n.Value.Owner == session).Select(n => n.Key).ToList())
        {
            Apply(ZooKeeperOp.Delete(path), session, index: 0);
        }
    }

    public Node Get(string path) => _nodes.GetValueOrDefault(path) ?? throw new ZooKeeperException(ZooKeeperErrorCode.NoNode, path);

    public Stat? StatOf(string path) => _nodes.TryGetValue(path, out var node) ? node.ToStat(Children(path).Count) : null;

    public List<string> Children(string path)
    {
        var prefix = path == "/" ? "/" : path + "/";
        return [.. _nodes.Keys.Where(k => k.Length > prefix.Length && k.StartsWith(prefix, StringComparison.Ordinal) && !k.AsSpan(prefix.Length).Contains('/')).Select(k => k[prefix.Length..])];
    }

    /// <summary>Does all or nothing.</summary>
    public List<ZooKeeperOpResult> Multi(IReadOnlyList<ZooKeeperOp> operations, long session)
    {
        for (var i = 0; i < operations.Count; i++)
        {
            Refuse(operations[i], i);
        }

        return [.. operations.Select((o, i) => Apply(o, session, i))];
    }

    public ZooKeeperOpResult Single(ZooKeeperOp operation, long session)
    {
        try
        {
            Refuse(operation, 0);
        }
        catch (ZooKeeperMultiException e)
        {
            throw new ZooKeeperException(e.Code, e.Path);
        }

        return Apply(operation, session, 0);
    }

    private static string ParentOf(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";

    // Operations of one multi do not touch each other's znodes here.
    private void Refuse(ZooKeeperOp operation, int index)
    {
        var node = _nodes.GetValueOrDefault(operation.Path);
        var code = operation switch
        {
            ZooKeeperOp.CreateOp { Mode: CreateMode.EphemeralSequential } => _nodes.ContainsKey(ParentOf(operation.Path)) ? ZooKeeperErrorCode.Ok : ZooKeeperErrorCode.NoNode,
            ZooKeeperOp.CreateOp => node is not null ? ZooKeeperErrorCode.NodeExists : _nodes.ContainsKey(ParentOf(operation.Path)) ? ZooKeeperErrorCode.Ok : ZooKeeperErrorCode.NoNode,
            ZooKeeperOp.DeleteOp d => Compare(node, d.Version),
            ZooKeeperOp.SetDataOp s => Compare(node, s.Version),
            ZooKeeperOp.CheckOp c => Compare(node, c.Version),
            _ => ZooKeeperErrorCode.Unimplemented,
        };
        if (code != ZooKeeperErrorCode.Ok)
        {
            throw new ZooKeeperMultiException(index, code, operation.Path);
        }
    }

    private static ZooKeeperErrorCode Compare(Node? node, int version) =>
        node is null ? ZooKeeperErrorCode.NoNode : version >= 0 && version != node.Version ? ZooKeeperErrorCode.BadVersion : ZooKeeperErrorCode.Ok;

    private ZooKeeperOpResult Apply(ZooKeeperOp operation, long session, int index)
    {
        // One number for a whole multi.
        Zxid += operation is ZooKeeperOp.CheckOp || index > 0 ? 0 : 1;
        var path = operation.Path;
        switch (operation)
        {
            case ZooKeeperOp.CreateOp create:
                var parent = _nodes[ParentOf(path)];
                path += create.Mode == CreateMode.EphemeralSequential ? parent.Cversion.ToString("d10", CultureInfo.InvariantCulture) : "";
                _nodes[path] = new Node { Data = create.Data.ToArray(), Owner = create.Mode == CreateMode.EphemeralSequential ? session : 0, Czxid = Zxid, Mzxid = Zxid, Pzxid = Zxid, Mtime = Now };
                (parent.Cversion, parent.Pzxid) = (parent.Cversion + 1, Zxid);
                Tell(WatchedEventType.NodeCreated, path);
                break;
            case ZooKeeperOp.DeleteOp:
                _nodes.Remove(path);
                var above = _nodes[ParentOf(path)];
                (above.Cversion, above.Pzxid) = (above.Cversion + 1, Zxid);
                Tell(WatchedEventType.NodeDeleted, path);
                break;
            case ZooKeeperOp.SetDataOp set:
                var node = _nodes[path];
                (node.Data, node.Version, node.Mzxid, node.Mtime) = (set.Data.ToArray(), node.Version + 1, Zxid, Now);
                Tell(WatchedEventType.NodeDataChanged, path);
                break;
        }

        return new ZooKeeperOpResult(path, StatOf(path));
    }

    private void Tell(WatchedEventType type, string path)
    {
        foreach (var session in _sessions)
        {
            session.Hear(new WatchedEvent(type, path), ParentOf(path));
        }
    }

    internal sealed class Node
    {
        public byte[] Data { get; set; } = [];

        public int Version { get; set; }

        public int Cversion { get; set; }

        public long Owner { get; init; }

        public long Czxid { get; init; }

        public long Mzxid { get; set; }

        public long Pzxid { get; set; }

        public long Mtime { get; set; }

        public Stat ToStat(int children) => new(Czxid, Mzxid, Mtime, Mtime, Version, Cversion, 0, Owner, Data.Length, children, Pzxid);
    }
}

/// <summary>A session, and what can befall it.</summary>
internal sealed class MemorySession(MemoryZooKeeper server) : IZNodeStore
{
    private readonly List<(string Path, WatchMode Mode, Action<WatchedEvent> Heard)> _watches = [];
    private readonly List<(string Path, TaskCompletionSource<WatchedEvent> Changed)> _oneShots = [];

    public SessionSnapshot Session { get; private set; } = new(SessionState.Connecting, 0, 0, TimeSpan.Zero, null);

    /// <summary>Called before each request, with what it is; may break the session, or throw.</summary>
    public Action<string, string> Before { get; set; } = static (_, _) => { };

    /// <summary>Whether what happens is not told, as while there is no connection.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>How many reads were made.</summary>
    public int Reads { get; private set; }

    public void Open(long id) =>
        Session = new SessionSnapshot(SessionState.Connected, Session.Epoch + 1, id, TimeSpan.FromSeconds(4), "memory") { Connection = Session.Connection + 1 };

    /// <summary>The session ends, and the client has a new one at once.</summary>
    public void Expire()
    {
        server.End(Session.SessionId);
        Open(server.NewSessionId());
    }

    public void Suspend() => Session = Session with { State = SessionState.Suspended };

    public void Reconnect() => Session = Session with { State = SessionState.Connected, Connection = Session.Connection + 1 };

    public void Hear(WatchedEvent change, string parent)
    {
        if (IsDeaf)
        {
            return;
        }

        foreach (var (path, mode, heard) in _watches.ToList())
        {
            if (change.Path == path || (mode == WatchMode.PersistentRecursive && change.Path.StartsWith(path + "/", StringComparison.Ordinal)))
            {
                heard(change);
            }
            else if (mode == WatchMode.Persistent && parent == path && change.Type is WatchedEventType.NodeCreated or WatchedEventType.NodeDeleted)
            {
                heard(new WatchedEvent(WatchedEventType.NodeChildrenChanged, path));
            }
        }

        foreach (var shot in _oneShots.Where(s => (s.Path == change.Path && change.Type == WatchedEventType.NodeDeleted) || (s.Path == parent && change.Type != WatchedEventType.NodeDataChanged)).ToList())
        {
            _oneShots.Remove(shot);
            shot.Changed.SetResult(change);
        }
    }

    public Task<string> CreateAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, IReadOnlyList<Acl>? acl = null, CancellationToken cancellationToken = default) =>
        Do("create", path, () => server.Single(ZooKeeperOp.Create(path, data, mode), Session.SessionId).Path);

    public Task DeleteAsync(string path, int version = -1, CancellationToken cancellationToken = default) =>
        Do("delete", path, () => server.Single(ZooKeeperOp.Delete(path, version), Session.SessionId));

    public Task<Stat?> ExistsAsync(string path, CancellationToken cancellationToken = default) => Read(path, () => server.StatOf(path));

    public Task<NodeData> GetDataAsync(string path, CancellationToken cancellationToken = default) => Read(path, () => new NodeData(server.Get(path).Data, server.StatOf(path)!.Value));

    public Task<Stat> SetDataAsync(string path, ReadOnlyMemory<byte> data, int version = -1, CancellationToken cancellationToken = default) =>
        Do("set", path, () => server.Single(ZooKeeperOp.SetData(path, data, version), Session.SessionId).Stat!.Value);

    public Task<NodeChildren> GetChildrenAsync(string path, CancellationToken cancellationToken = default) =>
        Read(path, () => server.Get(path) is var _ ? new NodeChildren(server.Children(path), server.StatOf(path)!.Value) : default);

    public async Task<WatchedResult<NodeChildren>> GetChildrenAndWatchAsync(string path, CancellationToken cancellationToken = default)
    {
        var children = await GetChildrenAsync(path, cancellationToken);
        var changed = new TaskCompletionSource<WatchedEvent>();
        _oneShots.Add((path, changed));
        return new WatchedResult<NodeChildren>(children, changed.Task);
    }

    public Task<NodeAcl> GetAclAsync(string path, CancellationToken cancellationToken = default) => Read(path, () => new NodeAcl(Acl.OpenToWorld, server.StatOf(path)!.Value));

    public Task<IReadOnlyList<ZooKeeperOpResult>> MultiAsync(IReadOnlyList<ZooKeeperOp> operations, CancellationToken cancellationToken = default) =>
        Do<IReadOnlyList<ZooKeeperOpResult>>("multi", operations[^1].Path, () => server.Multi(operations, Session.SessionId));

    public Task<IAsyncDisposable> WatchAsync(string path, WatchMode mode, Action<WatchedEvent> heard, CancellationToken cancellationToken = default) =>
        Do<IAsyncDisposable>("watch", path, () =>
        {
            var watch = (path, mode, heard);
            _watches.Add(watch);
            return new Lease(() => _watches.Remove(watch));
        });

    private Task<T> Read<T>(string path, Func<T> read)
    {
        Reads++;
        return Do("read", path, read);
    }

    private Task<T> Do<T>(string what, string path, Func<T> act)
    {
        try
        {
            // What was on its way when the connection broke never arrives.
            var session = Session;
            Before(what, path);
            return session.Lasts(Session) ? Task.FromResult(act()) : throw new ZooKeeperException(ZooKeeperErrorCode.ConnectionLoss, path, OperationOutcome.NotSent);
        }
        catch (ZooKeeperException e)
        {
            return Task.FromException<T>(e);
        }
    }

    private sealed class Lease(Action release) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            release();
            return ValueTask.CompletedTask;
        }
    }
}
