using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Simulator;

/// <summary>A checker: the product's own <see cref="CheckerSteps"/>, taken one after the other as <see cref="CheckerLoop"/> does, over the model of ZooKeeper.</summary>
internal sealed class SimulatedChecker
{
    private readonly Simulation _simulation;
    private readonly CheckerSteps _steps;
    private bool _isDue;
    private bool _isUnderWay;
    private bool _isStopped;
    private int _sleep;

    public SimulatedChecker(Simulation simulation, SimulatedHost host, string id, Random random)
    {
        _simulation = simulation;
        Host = host;
        Process = new SimulatedProcess(simulation.Agenda, host.Number);
        var clock = new ProcessClock(simulation.Agenda, Process, () => host.ClockOffset);
        Store = new SimulatedStore(simulation.Network, simulation.Ensemble, Process, random, simulation.Timing.SessionTimeout);
        var observer = new SimulatedObserver(simulation, Process, clock, random, Wake);
        var options = new ZKCheckerOptions
        {
            ZKServers = "simulated",
            ClusterName = Simulation.Cluster,
            CheckerId = id,
            Interval = simulation.Timing.Interval,
            Threshold = simulation.Timing.Threshold,
            VoteRefresh = simulation.Timing.VoteRefresh,
            BrakeHold = simulation.Timing.BrakeHold,
            LeaderGrace = simulation.Timing.LeaderGrace,
            RecountInterval = simulation.Timing.RecountInterval,
            TimeProvider = clock,
            Random = random,
        };
        simulation.Mutation?.Apply(Store);
        Alarms = new AlarmLog(simulation.Agenda, simulation.LoggerOf(id));
        _steps = new CheckerSteps(Store, options, observer, Wake, Alarms, simulation.Mutation?.Count);
        Store.HeldUp = host.NoteLate;
        Store.SessionChanged = session =>
        {
            if (session is { State: SessionState.Connected })
            {
                simulation.Laws.NoteSession(session.SessionId, this);
            }

            _steps.HearSession(session);
        };
        Process.After(TimeSpan.Zero, Wake);
    }

    public SimulatedHost Host { get; }

    public SimulatedProcess Process { get; }

    public SimulatedStore Store { get; }

    public AlarmLog Alarms { get; }

    public string? Node => _steps.Node;

    public bool IsLeading => _steps.IsLeading;

    /// <summary>Whether its actor hangs though its session is kept up: no step ends any more.</summary>
    public bool IsWedged { get; set; }

    public bool IsRunning => !Process.IsDead && !_isStopped;

    public void Wake()
    {
        if (!_isDue)
        {
            _isDue = true;
            Process.After(TimeSpan.Zero, TakeStep);
        }
    }

    /// <summary>Stops in order: withdraws its vote and closes its session.</summary>
    public async Task StopAsync()
    {
        _isStopped = true;
        try
        {
            if (Store.Session.State == SessionState.Connected)
            {
                await _steps.WithdrawAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (ZooKeeperException)
        {
            // As in the product: the vote then goes with the session.
        }

        Store.Close();
        _simulation.Agenda.After(TimeSpan.FromSeconds(1), Process.Kill);
    }

    public void Kill()
    {
        Store.Abandon();
        Process.Kill();
    }

    private void TakeStep() => _ = TakeStepAsync();

    private async Task TakeStepAsync()
    {
        if (_isUnderWay || _isStopped)
        {
            return;
        }

        if (IsWedged)
        {
            Process.After(TimeSpan.FromMilliseconds(200), TakeStep);
            return;
        }

        (_isUnderWay, _isDue) = (true, false);
        try
        {
            var pause = await _steps.TakeAsync(CancellationToken.None).ConfigureAwait(false);
            _simulation.Agenda.AssertThread();
            _simulation.Laws.Judge(Law.NoStepFails, holds: true, static () => "");
            _isUnderWay = false;
            Sleep(_isDue ? TimeSpan.Zero : pause);
        }
        catch (Exception fault)
        {
            _simulation.Laws.Break(Law.NoStepFails, $"checker on host {Host.Number}: {fault}");
        }
    }

    // A wake meanwhile overtakes the pause.
    private void Sleep(TimeSpan pause)
    {
        var sleep = ++_sleep;
        Process.After(pause, () =>
        {
            if (sleep == _sleep)
            {
                TakeStep();
            }
        });
    }
}
