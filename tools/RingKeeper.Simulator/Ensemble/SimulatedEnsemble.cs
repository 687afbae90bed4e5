using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.Simulator;

/// <summary>
/// ZooKeeper: one totally ordered log, the sessions, and servers that apply the log later than it was written. The tree, its checks and its watches
/// are those of the embedded server, which is held to Apache ZooKeeper's behaviour by the conformance suite.
/// </summary>
internal sealed class SimulatedEnsemble
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly Agenda _agenda;
    private readonly Dictionary<long, SimulatedSession> _sessions = [];
    private readonly List<Commit> _log = [];
    private long _nextSession = 0x0100_0000_0000_0001;
    private long _lastZxid;

    public SimulatedEnsemble(Agenda agenda, Network network, Random random, IReadOnlyList<int> hosts)
    {
        _agenda = agenda;
        Servers = [.. hosts.Select(host => new SimulatedServer(this, agenda, network, random, host))];
        agenda.After(Tick, ExpireDue);
    }

    /// <summary>The state as of the last commit.</summary>
    public DataTree Tree { get; } = new();

    public IReadOnlyList<Commit> Log => _log;

    public IReadOnlyList<SimulatedServer> Servers { get; }

    public IEnumerable<SimulatedSession> Sessions => _sessions.Values;

    /// <summary>How far the clock of the ensemble's leader is off; another leader has another clock.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>Whether there is no majority of servers: nothing is answered, and no session expires.</summary>
    public bool IsDown { get; private set; }

    /// <summary>Is told of each commit, before the next thing happens.</summary>
    public Action<Commit> Committed { get; set; } = static _ => { };

    /// <summary>Is told of each session that expired.</summary>
    public Action<SimulatedSession> Expired { get; set; } = static _ => { };

    /// <summary>The time by the clock of the ensemble's leader, in milliseconds since the Unix epoch.</summary>
    public long UtcMilliseconds => (ProcessClock.Start + _agenda.Elapsed + ClockOffset).ToUnixTimeMilliseconds();

    public SimulatedSession Open(TimeSpan timeout)
    {
        var session = new SimulatedSession(_nextSession++, timeout);
        _lastZxid++;
        _sessions.Add(session.Id, session);
        Touch(session);
        return session;
    }

    public SimulatedSession? Find(long id) => _sessions.GetValueOrDefault(id);

    /// <summary>The session was heard: its deadline is the first tick after now and its timeout.</summary>
    public void Touch(SimulatedSession session) => session.Deadline = (((_agenda.Now + session.Timeout.Ticks) / Tick.Ticks) + 1) * Tick.Ticks;

    /// <summary>Applies a write, all of it or nothing.</summary>
    public Commit Write(long session, IReadOnlyList<TreeOperation> operations)
    {
        var commit = new Commit(++_lastZxid, UtcMilliseconds, session, operations, EndsSession: false);
        commit.Results = Apply(commit, Tree, null);
        Append(commit);
        return commit;
    }

    public void End(SimulatedSession session)
    {
        if (session.IsOver)
        {
            return;
        }

        session.IsOver = true;
        _sessions.Remove(session.Id);
        session.Connection?.Close();
        var commit = new Commit(++_lastZxid, UtcMilliseconds, session.Id, [], EndsSession: true);
        Apply(commit, Tree, null);
        Append(commit);
    }

    /// <summary>Applies a commit to a tree, and tells the watches.</summary>
    public static IReadOnlyList<TreeResult> Apply(Commit commit, DataTree tree, NodeWatches? watches)
    {
        var transaction = new TreeTransaction(commit.Zxid, commit.Time);
        IReadOnlyList<TreeResult> results = [];
        if (commit.EndsSession)
        {
            tree.RemoveEphemerals(commit.Session, transaction);
        }
        else
        {
            results = MultiRequest.Apply(commit.Operations, tree, new Caller(commit.Session, []), transaction);
        }

        watches?.Fire(transaction.Changes);
        return results;
    }

    /// <summary>Loses the majority: every connection breaks.</summary>
    public void GoDown()
    {
        IsDown = true;
        foreach (var server in Servers)
        {
            server.CloseAll();
        }
    }

    /// <summary>Has a majority and a leader again: sessions get their whole timeout anew.</summary>
    public void ComeUp(TimeSpan clockOffset)
    {
        IsDown = false;
        ClockOffset = clockOffset;
        foreach (var session in _sessions.Values)
        {
            Touch(session);
        }
    }

    private void Append(Commit commit)
    {
        _log.Add(commit);
        Committed(commit);
        foreach (var server in Servers)
        {
            server.Follow();
        }
    }

    private void ExpireDue()
    {
        if (!IsDown)
        {
            foreach (var session in _sessions.Values.Where(s => s.Deadline <= _agenda.Now).ToList())
            {
                Expired(session);
                End(session);
            }
        }

        _agenda.After(Tick, ExpireDue);
    }
}
