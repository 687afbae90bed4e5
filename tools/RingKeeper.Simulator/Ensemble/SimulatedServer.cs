using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.Simulator;

/// <summary>One server of the ensemble: answers reads from its own copy of the tree, which is as old as it lags.</summary>
internal sealed class SimulatedServer(SimulatedEnsemble ensemble, Agenda agenda, Network network, Random random, int host)
{
    // After this long without the leader it gives up its clients.
    private static readonly TimeSpan SyncLimit = TimeSpan.FromSeconds(2);

    private readonly List<ServerConnection> _connections = [];
    private readonly Queue<(int Applied, Action Run)> _waiting = new();
    private int _applied;
    private int _seen;
    private long _lastDue;
    private int _cuts;

    public int Host { get; } = host;

    public DataTree Tree { get; } = new();

    public NodeWatches Watches { get; } = new();

    public bool IsDown { get; private set; }

    /// <summary>Whether it does not hear the ensemble's leader.</summary>
    public bool IsCutOff => _cuts > 0;

    /// <summary>How much later than normal it applies what is committed.</summary>
    public TimeSpan Lag { get; set; }

    /// <summary>The zxid of the newest commit it has applied.</summary>
    public long AppliedZxid => _applied == 0 ? 0 : ensemble.Log[_applied - 1].Zxid;

    public bool AcceptsClients => !IsDown && !ensemble.IsDown && !IsCutOff;

    public SimulatedEnsemble Ensemble => ensemble;

    public Network Network => network;

    public void Add(ServerConnection connection) => _connections.Add(connection);

    public void Remove(ServerConnection connection) => _connections.Remove(connection);

    /// <summary>There is something new in the log: it is applied a little later.</summary>
    public void Follow()
    {
        while (_seen < ensemble.Log.Count)
        {
            _seen++;
            var upTo = _seen;
            _lastDue = Math.Max(_lastDue, agenda.Now + 2_000 + random.Next(20_000) + Lag.Ticks);
            agenda.At(_lastDue, () => ApplyUpTo(upTo));
        }
    }

    /// <summary>Runs when everything that is in the log now has been applied here.</summary>
    public void WhenCaughtUp(Action run)
    {
        if (_applied >= ensemble.Log.Count)
        {
            run();
        }
        else
        {
            _waiting.Enqueue((ensemble.Log.Count, run));
        }
    }

    /// <summary>How long a write takes from here to the ensemble's leader.</summary>
    public TimeSpan ForwardTime() => TimeSpan.FromTicks(2_000 + random.Next(10_000)) + (Lag / 4);

    public void Crash()
    {
        IsDown = true;
        CloseAll();
    }

    public void Return()
    {
        IsDown = false;
        CatchUp();
    }

    public void CutOff()
    {
        _cuts++;
        var cut = _cuts;
        agenda.After(SyncLimit, () =>
        {
            if (_cuts >= cut && IsCutOff)
            {
                CloseAll();
            }
        });
    }

    public void Heal()
    {
        if (--_cuts == 0)
        {
            CatchUp();
        }
    }

    public void CloseAll()
    {
        _waiting.Clear();
        foreach (var connection in _connections.ToList())
        {
            connection.Close();
        }
    }

    private void CatchUp() => ApplyUpTo(ensemble.Log.Count);

    private void ApplyUpTo(int count)
    {
        if (IsDown || IsCutOff)
        {
            return;
        }

        while (_applied < count)
        {
            var commit = ensemble.Log[_applied++];
            if (commit.Succeeded)
            {
                SimulatedEnsemble.Apply(commit, Tree, Watches);
            }

            while (_waiting.TryPeek(out var next) && next.Applied <= _applied)
            {
                _waiting.Dequeue().Run();
            }
        }
    }
}
