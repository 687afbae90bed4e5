using System.Collections.Immutable;

namespace RingKeeper.Simulator;

/// <summary>
/// A checker's probes: the product's own <see cref="ShardHealth"/>, <see cref="ShardNotes"/> and <see cref="SelfWatch"/> over what the simulated
/// shards would answer, in the order in which <see cref="ProbeLoop"/> and <see cref="LocalChecker"/> call them.
/// </summary>
#pragma warning disable CA1001 // Its only resource is a timer of the simulated process, which ends with that.
internal sealed class SimulatedObserver : IShardObserver
#pragma warning restore CA1001
{
    private static readonly TimeSpan LeastSpacing = TimeSpan.FromMilliseconds(50);
    
    private readonly SimulatedProcess _process;
    private readonly TimeProvider _clock;
    private readonly Random _random;
    private readonly Simulation _simulation;
    private readonly Action _changed;
    private readonly SelfWatch _self;
    private readonly Dictionary<string, Probed> _probed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ShardStatus> _standing = new(StringComparer.Ordinal);
    private ImmutableDictionary<string, ShardObservation> _observations = ImmutableDictionary.Create<string, ShardObservation>(StringComparer.Ordinal);
    private readonly TimeSpan _whileDead;
    private FlapPolicy _flaps;
    private long _lastSince;

    public SimulatedObserver(Simulation simulation, SimulatedProcess process, TimeProvider clock, Random random, Action changed)
    {
        (_simulation, _process, _clock, _random, _changed) = (simulation, process, clock, random, changed);
        _whileDead = new LocalCheckerOptions { Interval = simulation.Timing.Interval }.WhileDeadInterval;
        _self = new SelfWatch(simulation.Timing.Threshold, clock, static () => default, _ => OnPause());
    }

    public IReadOnlyDictionary<string, ShardObservation> Observations => _observations;

    private SimulatedTiming Timing => _simulation.Timing;

    private TimeSpan Now => _self.Now;

    public ShardObservation? Observe(string addr) => _probed.TryGetValue(addr, out var probed) && _observations.TryGetValue(addr, out var known)
        ? probed.Notes.Describe() with { ProbedAt = probed.ProbedAt, Since = known.Since }
        : null;

    public void SetFlapPolicy(FlapPolicy policy)
    {
        _flaps = policy;
        foreach (var probed in _probed.Values)
        {
            probed.Health.FlapPolicy = policy;
            Report(probed);
        }
    }

    public void SetShards(IReadOnlyList<Shard> wanted)
    {
        foreach (var gone in _probed.Keys.Except(wanted.Select(static s => s.Addr), StringComparer.Ordinal).ToList())
        {
            _probed[gone].IsOver = true;
            _probed.Remove(gone);
            _standing.Remove(gone);
            _observations = _observations.Remove(gone);
        }

        foreach (var shard in wanted.DistinctBy(static s => s.Addr).Where(s => !_probed.ContainsKey(s.Addr)))
        {
            var health = new ShardHealth(Timing.Threshold, Now, _flaps, _self.Look());
            var probed = new Probed(_simulation.Shards[shard.Addr], health, new ShardNotes(shard.Addr, health, Timing.Interval, _self));
            _probed.Add(shard.Addr, probed);
            _observations = _observations.SetItem(shard.Addr, new ShardObservation(shard.Addr));
            _process.After(TimeSpan.Zero, () => Probe(probed));
        }

        _self.Start();
    }

    private void Probe(Probed probed)
    {
        if (probed.IsOver)
        {
            return;
        }

        var (started, number) = (Now, ++probed.Number);
        var most = Timing.Interval < Timing.Threshold ? Timing.Interval : Timing.Threshold;
        var (outcome, takes) = probed.Shard.Probe(_process.Host, probed.Health.ProbeTimeout(started, most));
        if (outcome != ProbeOutcome.Alive)
        {
            // One fault, however often it is met.
            if (!probed.Fails)
            {
                _simulation.Faults.Count(FaultKind.ProbeFailed);
            }
        }
        else if (probed.Shard.Slowness > TimeSpan.Zero)
        {
            _simulation.Faults.Count(FaultKind.ProbeSlow);
        }

        probed.Fails = outcome != ProbeOutcome.Alive;

        // Which run of the server answered is settled when it did, not when that was heard.
        var result = outcome == ProbeOutcome.Alive ? new ProbeResult(outcome) { RunId = probed.Shard.RunId, Role = "master", Rtt = takes } : new ProbeResult(outcome);
        _process.After(takes, () => Finish(probed, number, result, started));
    }

    private void Finish(Probed probed, int number, ProbeResult result, TimeSpan started)
    {
        if (probed.IsOver || number != probed.Number)
        {
            return;
        }

        probed.ProbedAt = _clock.GetTimestamp();
        var attention = _self.Look();
        probed.Health.OnResult(result.Outcome, Now, started, result.Rtt, attention);
        probed.Notes.Take(result, attention);
        Report(probed);
        ArmDeath(probed);
        var pause = probed.Health.Next switch
        {
            NextProbe.AtOnce => started + LeastSpacing - Now,
            NextProbe.AfterRefusal => ShardHealth.RefusalSpacing,
            NextProbe.WhileDead => started + _whileDead - Now,
            _ => started + (Timing.Interval * (0.9 + (0.2 * _random.NextDouble()))) - Now,
        };
        _process.After(pause, () => ProbeIf(probed, number));
    }

    // A pause of this process has begun another one meanwhile.
    private void ProbeIf(Probed probed, int number)
    {
        if (number == probed.Number)
        {
            Probe(probed);
        }
    }

    private void OnPause()
    {
        foreach (var probed in _probed.Values)
        {
            LookAtTime(probed);
            Probe(probed);
        }
    }

    private void LookAtTime(Probed probed)
    {
        var attention = _self.Look();
        if (probed.Health.OnTime(Now, attention))
        {
            probed.Notes.Take(null, attention);
            Report(probed);
        }

        ArmDeath(probed);
    }

    private void ArmDeath(Probed probed)
    {
        var due = probed.Health.Due;
        if (due is null || probed.ArmedFor == due)
        {
            return;
        }

        probed.ArmedFor = due;
        _process.After(due.Value - Now, () =>
        {
            if (!probed.IsOver && probed.ArmedFor == due)
            {
                probed.ArmedFor = null;
                LookAtTime(probed);
            }
        });
    }

    private void Report(Probed probed)
    {
        var seen = probed.Notes.Describe() with { ProbedAt = probed.ProbedAt };
        seen = seen with { Since = Stand(seen, probed.Health.Standing)?.Since ?? 0 };
        if (_observations.TryGetValue(seen.Addr, out var known) && known.SaysTheSameAs(seen))
        {
            return;
        }

        _observations = _observations.SetItem(seen.Addr, seen);
        _changed();
    }

    private ShardStatus? Stand(ShardObservation seen, ShardVerdict standing)
    {
        if (standing is not (ShardVerdict.Alive or ShardVerdict.Dead))
        {
            _standing.Remove(seen.Addr);
            return null;
        }

        var alive = standing == ShardVerdict.Alive;
        if (!_standing.TryGetValue(seen.Addr, out var known) || known.Alive != alive || (alive && known.RunId is not null && seen.RunId is not null && known.RunId != seen.RunId))
        {
            _lastSince = Math.Max(Stamps.Now(_clock), _lastSince + 1);
            known = new ShardStatus(seen.Addr, alive, _lastSince);
        }

        return _standing[seen.Addr] = known with { RunId = seen.RunId, Role = seen.Role };
    }

    private sealed class Probed(SimulatedShard shard, ShardHealth health, ShardNotes notes)
    {
        public SimulatedShard Shard { get; } = shard;

        public ShardHealth Health { get; } = health;

        public ShardNotes Notes { get; } = notes;

        public bool IsOver { get; set; }

        // The probe under way, or the last one.
        public int Number { get; set; }

        public bool Fails { get; set; }

        public long ProbedAt { get; set; }

        public TimeSpan? ArmedFor { get; set; }
    }
}
