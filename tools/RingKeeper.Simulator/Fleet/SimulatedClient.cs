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
    private readonly SimulatedStore _store;
    private readonly ClusterReader _reader;
    private readonly long[] _epochs = new long[Keys.Length];
    private int _armed;
    private bool _isDue;
    private bool _isUnderWay;
    private long _czxid;
    private long _judged;
    private long _topologyJudged;
    private long? _lostAt;
    private ZKClusterInfo? _topology;
    private StatusNode? _status;

    public SimulatedClient(Simulation simulation, int host, Random random)
    {
        _simulation = simulation;
        Process = new SimulatedProcess(simulation.Agenda, host);
        Clock = new ProcessClock(simulation.Agenda, Process, () => ClockOffset);
        _store = new SimulatedStore(simulation.Network, simulation.Ensemble, Process, random, simulation.Timing.SessionTimeout)
        {
            SessionChanged = session =>
            {
                if (session.State == SessionState.Connected)
                {
                    _lostAt = null;
                    Wake();
                }
                else
                {
                    _lostAt ??= simulation.Agenda.Now;
                }
            },
        };
        _reader = new ClusterReader(_store, Clock);
    }

    public SimulatedProcess Process { get; }

    public TimeProvider Clock { get; }

    public TimeSpan ClockOffset { get; set; }

    /// <summary>Hears of each new view.</summary>
    public Action ViewChanged { get; set; } = static () => { };

    /// <summary>Whether it does not get to know newer topologies.</summary>
    public bool HoldsTopology
    {
        get;
        set
        {
            field = value;
            Wake();
        }
    }

    /// <summary>Whether it does not get to know newer statuses.</summary>
    public bool HoldsStatus
    {
        get;
        set
        {
            field = value;
            Wake();
        }
    }

    public ClusterView? View { get; private set; }

    /// <summary>For how long it has had no session, as far as it knows.</summary>
    public TimeSpan Unconfirmed => _lostAt is { } at ? TimeSpan.FromTicks(_simulation.Agenda.Now - at) : TimeSpan.Zero;

    /// <summary>How often it has read.</summary>
    public int Refreshes { get; private set; }

    private void Wake()
    {
        _isDue = true;
        Process.After(TimeSpan.Zero, Refresh);
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
            Process.After(RetryPause, Wake);
        }
        catch (Exception fault)
        {
            _simulation.Laws.Break(Law.NoStepFails, fault.ToString());
        }

        Refreshes++;
        _isUnderWay = false;
        if (_isDue)
        {
            Process.After(TimeSpan.Zero, Refresh);
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

        (topology, status) = (HoldsTopology && _topology is not null ? _topology : topology, HoldsStatus && _topology is not null ? _status : status);
        (_topology, _status) = (topology, status);
        if (ViewSteps.Next(View, () => topology.Options.CreateRingBuilder().Build(topology.Shards), topology, status) is { } next)
        {
            View = _simulation.Mutation?.ForgetsStamps == true ? Forget(next, status) : next;
            ViewChanged();
        }

        JudgeEpochs(topology.Revision.Czxid);
    }

    private static ClusterView Forget(ClusterView view, StatusNode? status) =>
        new(view.Ring, view.FailoverEnabled, view.TopologyVersion, view.History, view.StatusVersion, ViewSteps.ByInnerAddress(status?.Statuses), view.Rules);

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

        // A status may be seen before an older topology, and its stamps are above those of the topology that follows. Where topologies follow each other
        // all the time that is no rarity.
        isForeign |= _simulation.Caches is not null && _topologyJudged != View.TopologyVersion;
        _topologyJudged = View.TopologyVersion;
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
