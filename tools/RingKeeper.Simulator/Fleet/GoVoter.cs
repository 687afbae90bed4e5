using System.Collections.Immutable;
using System.Text;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Simulator;

/// <summary>
/// A checker of the Go package, as far as others see it: votes without <c>Seen</c>, the first a copy of the status; leads when it is first in line;
/// counts only when localstatus is set; sums, ties keep, no quorum; writes unfenced; does not come back from a lost session.
/// </summary>
internal sealed class GoVoter
{
    private readonly Simulation _simulation;
    private readonly SimulatedProcess _process;
    private readonly SimulatedStore _store;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, TimeSpan> _lastGood = new(StringComparer.Ordinal);
    private ImmutableDictionary<string, ShardStatus> _vote = ImmutableDictionary.Create<string, ShardStatus>(StringComparer.Ordinal);
    private string? _path;

    public GoVoter(Simulation simulation, SimulatedHost host, Random random)
    {
        _simulation = simulation;
        _process = new SimulatedProcess(simulation.Agenda, host.Number);
        _clock = new ProcessClock(simulation.Agenda, _process, () => host.ClockOffset);
        _store = new SimulatedStore(simulation.Network, simulation.Ensemble, _process, random, simulation.Timing.SessionTimeout);
        _process.After(TimeSpan.Zero, () => _ = TryAsync(RunAsync));
    }

    public bool IsRunning => !_process.IsDead;

    public void Stop(bool gracefully)
    {
        if (gracefully)
        {
            _store.Close();
        }
        else
        {
            _store.Abandon();
        }

        _process.Kill();
    }

    // An error ends whatever met it, and the process goes on without: the original's way.
    private static async Task TryAsync(Func<Task> run)
    {
        try
        {
            await run().ConfigureAwait(false);
        }
        catch (Exception e) when (e is ZooKeeperException or RingKeeperException)
        {
            // Stuck from here on, as the original is.
        }
    }

    private async Task RunAsync()
    {
        var shards = ZNodeCodec.DecodeShards("shards", (await _store.GetDataAsync(ZKPaths.Shards(Simulation.Cluster)).ConfigureAwait(false)).Data);
        _vote = await StatusAsync().ConfigureAwait(false) ?? _vote;
        await CreateParentAsync().ConfigureAwait(false);
        _path = await _store.CreateAsync(ZKPaths.Vote(Simulation.Cluster, ZKPaths.VotePrefix), ZNodeCodec.EncodeStatuses(_vote), CreateMode.EphemeralSequential).ConfigureAwait(false);
        foreach (var shard in shards)
        {
            Probe(shard.Addr);
        }

        while (true)
        {
            var (children, changed) = await _store.GetChildrenAndWatchAsync(ZKPaths.LocalStatus(Simulation.Cluster)).ConfigureAwait(false);
            if (Election.InOrder(children.Names) is [var first, ..] && _path.EndsWith(first, StringComparison.Ordinal))
            {
                break;
            }

            await changed.ConfigureAwait(false);
        }

        while (true)
        {
            await CountAsync().ConfigureAwait(false);
            var watched = await _store.GetDataAndWatchAsync(ZKPaths.LocalStatus(Simulation.Cluster)).ConfigureAwait(false);
            await watched.Changed.ConfigureAwait(false);
        }
    }

    private async Task CreateParentAsync()
    {
        try
        {
            await _store.CreateAsync(ZKPaths.LocalStatus(Simulation.Cluster), Encoding.UTF8.GetBytes(Simulation.Cluster)).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NodeExists)
        {
            // Made by another.
        }
    }

    private async Task<ImmutableDictionary<string, ShardStatus>?> StatusAsync()
    {
        try
        {
            var path = ZKPaths.Status(Simulation.Cluster);
            return ZNodeCodec.DecodeStatuses(path, (await _store.GetDataAsync(path).ConfigureAwait(false)).Data);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return null;
        }
    }

    private void Probe(string addr)
    {
        if (!_simulation.Shards.TryGetValue(addr, out var shard))
        {
            return;
        }

        var now = _clock.GetElapsedTime(0);
        var (outcome, takes) = shard.Probe(_process.Host, _simulation.Timing.Interval);
        _process.After(takes, () =>
        {
            if (outcome == ProbeOutcome.Alive)
            {
                _lastGood[addr] = now;
            }

            var isAlive = outcome == ProbeOutcome.Alive || (_vote.GetValueOrDefault(addr)?.Alive == true && now - _lastGood.GetValueOrDefault(addr, now) <= _simulation.Timing.Threshold);
            if (_vote.GetValueOrDefault(addr)?.Alive != isAlive)
            {
                _ = TryAsync(() => VoteAsync(addr, isAlive));
            }
        });
        _process.After(_simulation.Timing.Interval, () => Probe(addr));
    }

    private async Task VoteAsync(string addr, bool isAlive)
    {
        _vote = _vote.SetItem(addr, new ShardStatus(addr, isAlive, Stamps.Now(_clock)));
        await _store.SetDataAsync(_path!, ZNodeCodec.EncodeStatuses(_vote)).ConfigureAwait(false);
        await _store.SetDataAsync(ZKPaths.LocalStatus(Simulation.Cluster), Encoding.UTF8.GetBytes(Simulation.Cluster)).ConfigureAwait(false);
    }

    private async Task CountAsync()
    {
        var status = await StatusAsync().ConfigureAwait(false);
        var children = await _store.GetChildrenAsync(ZKPaths.LocalStatus(Simulation.Cluster)).ConfigureAwait(false);
        var sums = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in children.Names.Order(StringComparer.Ordinal))
        {
            var path = ZKPaths.Vote(Simulation.Cluster, name);
            foreach (var (addr, entry) in ZNodeCodec.DecodeVote(path, (await _store.GetDataAsync(path).ConfigureAwait(false)).Data) ?? [])
            {
                sums[addr] = sums.GetValueOrDefault(addr) + (entry.Status.Alive ? 1 : -1);
            }
        }

        var next = status ?? ImmutableDictionary.Create<string, ShardStatus>(StringComparer.Ordinal);
        foreach (var (addr, sum) in sums.Where(static s => s.Value != 0))
        {
            if (next.GetValueOrDefault(addr)?.Alive != sum > 0)
            {
                next = next.SetItem(addr, new ShardStatus(addr, sum > 0, Stamps.Now(_clock)));
            }
        }

        if (next.Count > 0 && !next.Equals(status))
        {
            _simulation.Faults.Count(FaultKind.GoDecision);
            var data = ZNodeCodec.EncodeStatuses(next);
            await (status is null ? _store.CreateAsync(ZKPaths.Status(Simulation.Cluster), data) : (Task)_store.SetDataAsync(ZKPaths.Status(Simulation.Cluster), data)).ConfigureAwait(false);
        }
    }
}
