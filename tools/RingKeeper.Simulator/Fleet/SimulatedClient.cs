using RingKeeper.ZooKeeper;

namespace RingKeeper.Simulator;

/// <summary>
/// A client: reads with the product's <see cref="ClusterReader"/>, makes views with its <see cref="ClusterView"/> and routes with them. Only what
/// wakes it is the simulation's own; <see cref="ViewFollower"/> does it over a real connection.
/// </summary>
internal sealed class SimulatedClient
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private static readonly byte[][] Keys = [.. Enumerable.Range(0, 8).Select(static n => new[] { (byte)n, (byte)'k' })];

    private readonly Simulation _simulation;
    private readonly SimulatedProcess _process;
    private readonly SimulatedStore _store;
    private readonly ClusterReader _reader;
    private readonly long[] _epochs = new long[Keys.Length];
    private int _armed;
    private bool _isDue;
    private bool _isUnderWay;
    private long _czxid;
    private long _judged;

    public SimulatedClient(Simulation simulation, int host, Random random)
    {
        _simulation = simulation;
        _process = new SimulatedProcess(simulation.Agenda, host);
        var clock = new ProcessClock(simulation.Agenda, _process, static () => TimeSpan.Zero);
        _store = new SimulatedStore(simulation.Network, simulation.Ensemble, _process, random, simulation.Timing.SessionTimeout)
        {
            SessionChanged = session =>
            {
                if (session.State == SessionState.Connected)
                {
                    Wake();
                }
            },
        };
        _reader = new ClusterReader(_store, clock);
    }

    public ClusterView? View { get; private set; }

    /// <summary>How often it has read.</summary>
    public int Refreshes { get; private set; }

    private void Wake()
    {
        _isDue = true;
        _process.After(TimeSpan.Zero, Refresh);
    }

    private void Refresh() => _ = RefreshAsync();

    private async Task RefreshAsync()
    {
        if (_isUnderWay || !_isDue)
        {
            return;
        }

        (_isUnderWay, _isDue) = (true, false);
        try
        {
            await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is ZooKeeperException or RingKeeperException)
        {
            // The view that there is stays in use; as in the product, it is tried again soon.
            _process.After(RetryPause, Wake);
        }
        catch (Exception fault)
        {
            _simulation.Laws.Break(Law.NoStepFails, fault.ToString());
        }

        Refreshes++;
        _isUnderWay = false;
        if (_isDue)
        {
            _process.After(TimeSpan.Zero, Refresh);
        }
    }

    private async Task ReadAsync()
    {
        for (; _armed < 2; _armed++)
        {
            var path = _armed == 0 ? ZKPaths.Cluster(Simulation.Cluster) : ZKPaths.Status(Simulation.Cluster);
            await _store.WatchAsync(path, WatchMode.Persistent, _ => Wake(), CancellationToken.None).ConfigureAwait(false);
        }

        if (await ViewSteps.ReadAsync(_reader, Simulation.Cluster, CancellationToken.None).ConfigureAwait(false) is not var (topology, status))
        {
            return;
        }

        View = ViewSteps.Next(View, () => topology.Options.CreateRingBuilder().Build(topology.Shards), topology, status) ?? View;
        JudgeEpochs(topology.Revision.Czxid);
    }

    private void JudgeEpochs(long czxid)
    {
        _czxid = _czxid == 0 ? czxid : _czxid;
        if (_czxid != czxid)
        {
            // The stamps of a cluster made anew under its name may begin below those of the one before; its shards have to be emptied.
            return;
        }

        var isForeign = _simulation.Laws.IsForeign(_judged, View!.StatusVersion);
        _judged = View.StatusVersion;
        for (var i = 0; i < Keys.Length; i++)
        {
            var route = View.Route(Keys[i], RoutePolicy.Failover);
            if (route.Outcome == RouteOutcome.Served)
            {
                var (key, before) = (i, _epochs[i]);
                _simulation.Laws.Judge(Law.EpochsRise, isForeign || route.ValidSince >= before, () => $"key {key} went from epoch {before} to {route.ValidSince}");
                _epochs[i] = route.ValidSince;
            }
        }
    }
}
