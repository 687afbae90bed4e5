using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.Simulator;

/// <summary>Somebody who changes the cluster while it runs; what is written is what <see cref="ZKManager"/> writes.</summary>
internal sealed class SimulatedManager(Simulation simulation, int host, Random random)
{
    private readonly SimulatedStore _store = new(simulation.Network, simulation.Ensemble, new SimulatedProcess(simulation.Agenda, host), random, TimeSpan.FromSeconds(4));
    private readonly TopologyReshaper _reshaper = new(simulation, random);
    private bool _isBusy;
    private TimeSpan _clockOffset;

    public static IReadOnlyList<TreeOperation> CreationOf(IReadOnlyList<Shard> shards, ZKClusterOptions options, long stamp) =>
        [.. ZKManager.CreationOf(Simulation.Cluster, shards, options, stamp).Select(static o => o switch
        {
            ZooKeeperOp.CreateOp create => new CreateOperation(OpCode.Create, create.Target, create.Data.ToArray(), Acl.OpenToWorld, 0),
            ZooKeeperOp.SetDataOp set => (TreeOperation)new SetDataOperation(set.Target, set.Data.ToArray(), set.Version),
            _ => throw new InvalidOperationException($"A creation holds {o}."),
        })];

    public void Do(FaultKind kind) => _ = DoAsync(kind);

    private async Task DoAsync(FaultKind kind)
    {
        if (_isBusy)
        {
            return;
        }

        _isBusy = true;
        try
        {
            // Each change is made from somebody else's machine.
            _clockOffset = simulation.Caches is null ? TimeSpan.Zero : simulation.Profile.ClockSpread * (random.NextDouble() - 0.5);
            await (kind switch
            {
                FaultKind.ClusterRecreated => RecreateAsync(),
                FaultKind.GoManagerWrote => WriteAsGoAsync(),
                _ => UpdateAsync(kind),
            }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ZooKeeperException or RingKeeperException)
        {
            // Somebody was faster, or the connection is gone: a person would look and try again, or not.
        }

        _isBusy = false;
    }

    /// <summary>Makes the cluster whenever it is gone, however often it takes: what is under way may still delete it.</summary>
    public void Ensure() => _ = EnsureAsync();

    private async Task EnsureAsync()
    {
        try
        {
            if (simulation.Ensemble.Tree.Find(ZKPaths.Cluster(Simulation.Cluster)) is null)
            {
                await CreateAsync().ConfigureAwait(false);
            }
            else if (IsHalfChanged())
            {
                // Whoever lost its connection between two writes does it again.
                await _store.SetDataAsync(ZKPaths.Cluster(Simulation.Cluster), ZNodeCodec.EncodeStamp(Stamps.Now(Clock))).ConfigureAwait(false);
            }
        }
        catch (ZooKeeperException)
        {
            // Looked at again anyway.
        }

        simulation.Agenda.After(TimeSpan.FromMilliseconds(200), Ensure);
    }

    private bool IsHalfChanged()
    {
        var cluster = simulation.Ensemble.Tree.Find(ZKPaths.Cluster(Simulation.Cluster))!;
        return new[] { ZKPaths.Shards(Simulation.Cluster), ZKPaths.Options(Simulation.Cluster) }.Any(path => simulation.Ensemble.Tree.Find(path) is { Version: > 0 } part && part.Mzxid > cluster.Mzxid);
    }

    private TimeProvider Clock => new ProcessClock(simulation.Agenda, new SimulatedProcess(simulation.Agenda, host), () => _clockOffset);

    private async Task UpdateAsync(FaultKind kind)
    {
        var reader = new ClusterReader(_store, Clock);
        if (await reader.ReadAsync(Simulation.Cluster, CancellationToken.None).ConfigureAwait(false) is not { } present)
        {
            return;
        }

        var status = await reader.ReadStatusAsync(Simulation.Cluster, CancellationToken.None).ConfigureAwait(false);
        if (kind == FaultKind.TopologyReshaped)
        {
            // A short history, so that what falls off it matters.
            await _store.MultiAsync(ZKManager.UpdateOf(_reshaper.Next(present), present, status, Stamps.Now(Clock), maxEarlier: 2), CancellationToken.None).ConfigureAwait(false);
            simulation.Faults.Count(kind);
            return;
        }

        var wanted = present with { Shards = kind == FaultKind.ShardDrained ? Drain(present.Shards) : Redraw() };
        await _store.MultiAsync(ZKManager.UpdateOf(wanted, present, status, Stamps.Now(Clock)), CancellationToken.None).ConfigureAwait(false);
    }

    // Knows the fields of the Go package alone, writes one znode after the other, the cluster's own last, and stamps by its clock.
    private async Task WriteAsGoAsync()
    {
        var shards = ZNodeCodec.DecodeShards("shards", (await _store.GetDataAsync(ZKPaths.Shards(Simulation.Cluster)).ConfigureAwait(false)).Data);
        var options = ZNodeCodec.DecodeOptions("options", (await _store.GetDataAsync(ZKPaths.Options(Simulation.Cluster)).ConfigureAwait(false)).Data);
        List<Shard> known = [.. _reshaper.NextOfGo(shards).Select(static s => new Shard(s.Name, s.Addr))];
        var few = new ZKClusterOptions { FailoverEnabled = options.FailoverEnabled, RingType = options.RingType, RingParams = options.RingParams };
        await _store.SetDataAsync(ZKPaths.Shards(Simulation.Cluster), ZNodeCodec.EncodeShards(known)).ConfigureAwait(false);
        await _store.SetDataAsync(ZKPaths.Options(Simulation.Cluster), ZNodeCodec.EncodeOptions(few)).ConfigureAwait(false);
        await _store.SetDataAsync(ZKPaths.Cluster(Simulation.Cluster), ZNodeCodec.EncodeStamp(Stamps.Now(Clock))).ConfigureAwait(false);
        simulation.Faults.Count(FaultKind.GoManagerWrote);
    }

    private IReadOnlyList<Shard> Drain(IReadOnlyList<Shard> shards)
    {
        var one = random.Next(shards.Count);
        return [.. shards.Select((s, i) => i == one ? s with { Drained = !s.Drained } : s)];
    }

    private IReadOnlyList<Shard> Redraw()
    {
        List<Shard> some = [.. simulation.ShardList.Where(_ => random.Next(4) > 0)];
        return some.Count > 0 ? some : simulation.ShardList;
    }

    private async Task RecreateAsync()
    {
        List<ZooKeeperOp> deletion = [];
        await AddDeletionsAsync(ZKPaths.Cluster(Simulation.Cluster), deletion).ConfigureAwait(false);
        await _store.MultiAsync(deletion, CancellationToken.None).ConfigureAwait(false);
        await Task.Delay(TimeSpan.FromSeconds(2 * random.NextDouble()), Clock, CancellationToken.None).ConfigureAwait(false);
        await CreateAsync().ConfigureAwait(false);
    }

    private Task<IReadOnlyList<ZooKeeperOpResult>> CreateAsync()
    {
        int? expected = random.Next(2) == 0 && !simulation.Profile.HasGo ? simulation.CheckerCount : null;
        var options = new ZKClusterOptions { RingType = RingTypes.Rendezvous, ExpectedCheckers = expected, FlapPolicy = simulation.FlapPolicy };
        return _store.MultiAsync(ZKManager.CreationOf(Simulation.Cluster, Redraw(), options, Stamps.Next(Stamps.Now(Clock), 0)), CancellationToken.None);
    }

    private async Task AddDeletionsAsync(string path, List<ZooKeeperOp> deletion)
    {
        foreach (var child in (await _store.GetChildrenAsync(path, CancellationToken.None).ConfigureAwait(false)).Names.Order(StringComparer.Ordinal))
        {
            await AddDeletionsAsync($"{path}/{child}", deletion).ConfigureAwait(false);
        }

        deletion.Add(ZooKeeperOp.Delete(path));
    }
}
