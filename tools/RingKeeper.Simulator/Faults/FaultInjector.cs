namespace RingKeeper.Simulator;

/// <summary>Makes things go wrong, and ends it again.</summary>
internal sealed class FaultInjector(Simulation simulation, Random random)
{
    private readonly int _weights = simulation.Profile.Weights.Sum(static w => w.Weight);
    private readonly HashSet<int> _ill = [];
    private long _end;

    private Agenda Agenda => simulation.Agenda;

    private Network Network => simulation.Network;

    public void Start(TimeSpan time)
    {
        // What begins late must be over when the quiet begins.
        _end = (time - TimeSpan.FromMilliseconds(1)).Ticks;
        Network.Unrest = simulation.Profile.Unrest;
        Next();
    }

    public void Stop()
    {
        Network.Unrest = 0;
        simulation.Faults.IsOn = false;
    }

    private void Next()
    {
        Agenda.After(simulation.Profile.Pause * -Math.Log(1 - random.NextDouble()), () =>
        {
            if (Agenda.Now < _end)
            {
                Inject(Draw());
                Next();
            }
        });
    }

    private FaultKind Draw()
    {
        var left = random.Next(_weights);
        foreach (var (kind, weight) in simulation.Profile.Weights)
        {
            left -= weight;
            if (left < 0)
            {
                return kind;
            }
        }

        return FaultKind.ConnectionReset;
    }

    private void Inject(FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.CheckerCrashed or FaultKind.CheckerStopped:
                EndChecker(kind);
                break;
            case FaultKind.CheckerPaused:
                OnChecker(kind, Long(8), c => c.Process.Pause(), c =>
                {
                    simulation.Faults.Count(FaultKind.CheckerResumed);
                    c.Process.Resume();
                });
                break;
            case FaultKind.CheckerSlow:
                OnChecker(kind, Long(10), c => c.Process.Slowness = Milliseconds(300), c => c.Process.Slowness = TimeSpan.Zero);
                break;
            case FaultKind.CheckerWedged:
                OnChecker(kind, Long(60), static c => c.IsWedged = true, static c => c.IsWedged = false);
                break;
            case FaultKind.ClockStepped when simulation.Caches is null:
                simulation.Faults.Count(kind);
                Pick(simulation.CheckerHosts).ClockOffset = TimeSpan.FromSeconds((random.NextDouble() - 0.5) * (random.Next(4) == 0 ? 20 : 1));
                break;
            case FaultKind.LinkCut or FaultKind.LinkCutOneWay:
                CutOne(kind);
                break;
            case FaultKind.ConnectionReset:
                Reset();
                break;
            case FaultKind.CheckerBlind:
                OnChecker(kind, Long(12), c => BlockShards(c.Host.Number, 1), c => BlockShards(c.Host.Number, -1));
                break;
            case FaultKind.AllBlind:
                During(kind, Long(20), () => BlockAll(1), () => BlockAll(-1));
                break;
            case FaultKind.MassDeath:
                simulation.Faults.Count(kind);
                foreach (var shard in Shards())
                {
                    if (random.Next(4) > 0)
                    {
                        Hurt(shard, FaultKind.ShardCrashed, ShardState.Down, Long(20));
                    }
                }

                break;
            case FaultKind.ShardCrashed:
                Hurt(Pick(Shards()), kind, ShardState.Down, Long(6));
                break;
            case FaultKind.ShardHung:
                Hurt(Pick(Shards()), kind, ShardState.Hung, Long(6));
                break;
            case FaultKind.ShardLoading:
                Hurt(Pick(Shards()), kind, ShardState.Loading, Long(4));
                break;
            case FaultKind.ShardSlow:
                Hurt(Pick(Shards()), kind, ShardState.Well, Long(6), Milliseconds(1500));
                break;
            case FaultKind.ShardRestarted:
                simulation.Faults.Count(kind);
                Pick(Shards()).Restart();
                break;
            case FaultKind.TopologyUnseen or FaultKind.StatusUnseen or FaultKind.ClientPaused or FaultKind.LinkBroken or FaultKind.KeysEvicted:
                simulation.Caches!.Inject(kind, random, end => Later(Long(8), end));
                break;
            case FaultKind.TopologyReshaped or FaultKind.GoManagerWrote:
                simulation.Manager.Do(kind);
                break;
            case FaultKind.ClockStepped when simulation.Caches is not null:
                simulation.Faults.Count(kind);
                simulation.StepAllClocks(random);
                break;
            case FaultKind.TopologyChanged or FaultKind.ShardDrained or FaultKind.ClusterRecreated:
                simulation.Faults.Count(kind);
                simulation.Manager.Do(kind);
                break;
            case FaultKind.GoVoterCame or FaultKind.GoVoterWent:
                MoveGoVoter(kind);
                break;
            default:
                OnEnsemble(kind);
                break;
        }
    }

    private void OnEnsemble(FaultKind kind)
    {
        var server = Pick(simulation.Ensemble.Servers);
        switch (kind)
        {
            case FaultKind.ServerCrashed when !server.IsDown && !simulation.Ensemble.Servers.Any(static s => s.IsDown || s.IsCutOff):
                DuringGeneral(kind, Long(8), server.Crash, () =>
                {
                    simulation.Faults.Count(FaultKind.ServerReturned);
                    server.Return();
                });
                break;
            case FaultKind.ServerCutOff when !server.IsDown && !simulation.Ensemble.Servers.Any(static s => s.IsDown || s.IsCutOff):
                DuringGeneral(kind, Long(8), server.CutOff, server.Heal);
                break;
            case FaultKind.FollowerLags:
                DuringGeneral(kind, Long(4), () => server.Lag = Milliseconds(2500), () => server.Lag = TimeSpan.Zero);
                break;
            case FaultKind.EnsembleDown when !simulation.Ensemble.IsDown:
                DuringGeneral(kind, Long(12), simulation.Ensemble.GoDown, () =>
                {
                    simulation.Faults.Count(FaultKind.EnsembleLed);
                    simulation.Ensemble.ComeUp(DrawServerClock());
                });
                break;
            case FaultKind.EnsembleLed when !simulation.Ensemble.IsDown:
                DuringGeneral(kind, Milliseconds(800), simulation.Ensemble.GoDown, () => simulation.Ensemble.ComeUp(DrawServerClock()));
                break;
        }
    }

    private TimeSpan DrawServerClock() => TimeSpan.FromMilliseconds(random.Next(-250, 250));

    private void EndChecker(FaultKind kind)
    {
        var place = random.Next(simulation.CheckerCount);
        if (simulation.Checkers[place] is not { IsRunning: true } checker || !MayFall(checker.Host.Number))
        {
            return;
        }

        simulation.Faults.Count(kind);
        checker.Host.BeginTrouble();
        _ill.Add(checker.Host.Number);
        if (kind == FaultKind.CheckerCrashed)
        {
            checker.Kill();
        }
        else
        {
            _ = checker.StopAsync();
        }

        Later(Long(12), () =>
        {
            Recover(checker.Host.Number);
            checker.Host.EndTrouble();
            simulation.Faults.Count(FaultKind.CheckerRestarted);
            simulation.StartChecker(place);
        });
    }

    private void OnChecker(FaultKind kind, TimeSpan length, Action<SimulatedChecker> begin, Action<SimulatedChecker> end)
    {
        if (simulation.Checkers[random.Next(simulation.CheckerCount)] is not { IsRunning: true } checker || !MayFall(checker.Host.Number))
        {
            return;
        }

        _ill.Add(checker.Host.Number);
        checker.Host.BeginTrouble();
        During(kind, length, () => begin(checker), () =>
        {
            Recover(checker.Host.Number);
            checker.Host.EndTrouble();
            end(checker);
        });
    }

    // A shard that was dead for a checker owes it good answers: it calls it dead for some time after it is well again.
    private void Recover(int host)
    {
        if (simulation.Profile.OnlyFew)
        {
            Agenda.After(simulation.LongestDamping + (2 * simulation.Timing.SessionTimeout), () => _ill.Remove(host));
        }
        else
        {
            _ill.Remove(host);
        }
    }

    // One fault a host at a time; and where only few may be ill, less than half.
    private bool MayFall(int host) => !_ill.Contains(host) && (!simulation.Profile.OnlyFew || (_ill.Count + 1) * 2 < simulation.CheckerCount);

    private void CutOne(FaultKind kind)
    {
        if (simulation.Checkers[random.Next(simulation.CheckerCount)] is not { } checker || !MayFall(checker.Host.Number))
        {
            return;
        }

        var (host, isShard) = (checker.Host.Number, random.Next(2) == 0);
        var other = isShard ? Pick(simulation.ShardHosts) : Pick(simulation.Ensemble.Servers).Host;
        var (from, to) = random.Next(2) == 0 ? (host, other) : (other, host);
        _ill.Add(host);
        checker.Host.BeginTrouble();
        During(
            kind,
            Long(8),
            () => Block(from, to, kind == FaultKind.LinkCut, 1),
            () =>
            {
                Recover(host);
                checker.Host.EndTrouble();
                simulation.Faults.Count(FaultKind.LinkHealed);
                Block(from, to, kind == FaultKind.LinkCut, -1);
            });
    }

    private void Block(int from, int to, bool isBothWays, int by)
    {
        Change(from, to, by);
        if (isBothWays)
        {
            Change(to, from, by);
        }
    }

    private void Change(int from, int to, int by)
    {
        simulation.Trouble.NoteBetween(from, to);
        if (by > 0)
        {
            Network.Block(from, to);
        }
        else
        {
            Network.Unblock(from, to);
        }
    }

    private void BlockShards(int host, int by)
    {
        foreach (var shard in simulation.ShardHosts)
        {
            Block(host, shard, isBothWays: true, by);
        }
    }

    private void BlockAll(int by)
    {
        foreach (var host in simulation.CheckerHosts)
        {
            BlockShards(host.Number, by);
        }
    }

    private void Reset()
    {
        if (simulation.Checkers[random.Next(simulation.CheckerCount)] is { IsRunning: true } checker && checker.Store.Reset())
        {
            checker.Host.NoteTrouble();
            simulation.Faults.Count(FaultKind.ConnectionReset);
        }
    }

    private void Hurt(SimulatedShard shard, FaultKind kind, ShardState state, TimeSpan length, TimeSpan slowness = default)
    {
        if (shard.State == ShardState.Well && shard.Slowness == TimeSpan.Zero)
        {
            During(kind, length, () => shard.Set(state, slowness), () => shard.Set(ShardState.Well));
        }
    }

    private void MoveGoVoter(FaultKind kind)
    {
        if (kind == FaultKind.GoVoterCame && simulation.GoVoters.Count(static v => v.IsRunning) < 2)
        {
            simulation.Faults.Count(kind);
            simulation.GoVoters.Add(new GoVoter(simulation, Pick(simulation.CheckerHosts), simulation.NextRandom()));
        }
        else if (kind == FaultKind.GoVoterWent && simulation.GoVoters.Find(static v => v.IsRunning) is { } voter)
        {
            simulation.Faults.Count(kind);
            voter.Stop(gracefully: random.Next(2) == 0);
        }
    }

    private void DuringGeneral(FaultKind kind, TimeSpan length, Action begin, Action end)
    {
        simulation.Trouble.BeginGeneral();
        During(kind, length, begin, () =>
        {
            simulation.Trouble.EndGeneral();
            end();
        });
    }

    private void During(FaultKind kind, TimeSpan length, Action begin, Action end)
    {
        simulation.Faults.Count(kind);
        begin();
        Later(length, end);
    }

    private void Later(TimeSpan delay, Action run) => Agenda.At(Math.Min(Agenda.Now + delay.Ticks, _end), run);

    private List<SimulatedShard> Shards() => [.. simulation.ShardList.Select(s => simulation.Shards[s.Addr])];

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    // Mostly short, now and then up to the most.
    private TimeSpan Long(double seconds) => TimeSpan.FromSeconds(0.02 + (seconds * random.NextDouble() * random.NextDouble() * random.NextDouble()));

    private TimeSpan Milliseconds(int most) => TimeSpan.FromMilliseconds(1 + random.Next(most));
}
