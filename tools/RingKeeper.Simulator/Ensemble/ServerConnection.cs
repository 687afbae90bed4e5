using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.Simulator;

/// <summary>The server's end of a client's connection: requests are answered in their order, a read behind a write only once that is applied here.</summary>
internal sealed class ServerConnection
{
    private readonly Queue<Action> _requests = new();
    private readonly Pipe _toClient;
    private readonly Action _closed;
    private bool _isBusy;

    public ServerConnection(SimulatedServer server, int client, Action closed)
    {
        Server = server;
        _toClient = new Pipe(server.Network, server.Host, client);
        _closed = closed;
        server.Add(this);
    }

    public SimulatedServer Server { get; }

    public SimulatedSession? Session { get; private set; }

    public bool IsOpen { get; private set; } = true;

    // The watchers that its client has left here, by the number the client gave them.
    public Dictionary<int, ServerWatcher> Watchers { get; } = [];

    /// <summary>Answers the client's first message: the session it speaks for, or null where it is over.</summary>
    public void Greet(long sessionId, TimeSpan timeout, Action<SimulatedSession?> answered)
    {
        var session = sessionId == 0 ? Server.Ensemble.Open(timeout) : Server.Ensemble.Find(sessionId);
        if (session is not null)
        {
            session.Connection?.Close();
            session.Connection = this;
            Session = session;
            Server.Ensemble.Touch(session);
        }

        Reply(() => answered(session));
    }

    /// <summary>Takes a request: a ping or a read, run against the tree here.</summary>
    public void Read(Action run) => Take(run);

    /// <summary>Takes a write, and answers once it is committed and applied here.</summary>
    public void Write(IReadOnlyList<TreeOperation> operations, Action<Commit> answered) => Take(() =>
    {
        _isBusy = true;
        Server.Network.Agenda.After(Server.ForwardTime(), () => Forward(operations, answered));
    });

    public void Reply(Action arrive, TimeSpan late = default) => _toClient.Send(arrive, late);

    public void Close()
    {
        if (!IsOpen)
        {
            return;
        }

        IsOpen = false;
        _requests.Clear();
        foreach (var watcher in Watchers.Values)
        {
            Server.Watches.RemoveAll(watcher);
        }

        Watchers.Clear();
        Server.Remove(this);
        if (Session?.Connection == this)
        {
            Session.Connection = null;
        }

        _toClient.Send(_closed);
    }

    private void Take(Action request)
    {
        if (!IsOpen)
        {
            return;
        }

        if (Session is { IsOver: false } session && !Server.IsCutOff)
        {
            Server.Ensemble.Touch(session);
        }

        _requests.Enqueue(request);
        Next();
    }

    private void Next()
    {
        while (IsOpen && !_isBusy && _requests.TryDequeue(out var request))
        {
            request();
        }
    }

    // Handed on, it is applied even if its client has gone meanwhile; not if its session is over.
    private void Forward(IReadOnlyList<TreeOperation> operations, Action<Commit> answered)
    {
        if (Server.IsDown || Server.Ensemble.IsDown || Session is not { IsOver: false } session || (session.Connection is { } other && other != this))
        {
            Close();
            return;
        }

        if (Server.IsCutOff)
        {
            // Waits for the leader, until the server gives up its clients.
            Server.Network.Agenda.After(TimeSpan.FromMilliseconds(100), () =>
            {
                if (IsOpen)
                {
                    Forward(operations, answered);
                }
            });
            return;
        }

        var commit = Server.Ensemble.Write(session.Id, operations);
        Server.WhenCaughtUp(() =>
        {
            _isBusy = false;
            answered(commit);
            Next();
        });
    }
}
