using RingKeeper.Simulator.Detectors;
using Xunit;

namespace RingKeeper.Tests.Detectors;

public sealed class ReplayTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_probe_sent_while_an_earlier_answer_is_held_back_comes_back_with_it()
    {
        var trace = Trace([Sample(0, 0.001), Sample(1, 2), Sample(4, 0.001)]);

        Assert.Equal(At(0.501), trace.Answer(At(0.5)).At);
        Assert.Equal(At(3), trace.Answer(At(1)).At);
        Assert.Equal(At(3), trace.Answer(At(2.5)).At);
        Assert.Equal(At(4.501), trace.Answer(At(4.5)).At);
    }

    [Fact]
    public void No_answer_comes_from_a_server_that_hangs()
    {
        var trace = Trace([Sample(0, 0.001), new TraceSample(At(5), null)]);

        Assert.Null(trace.Answer(At(6)).At);
    }

    [Fact]
    public void A_probe_on_a_new_connection_does_not_share_the_fate_of_the_old_one()
    {
        var trace = Trace([new TraceSample(At(0), null), new TraceSample(At(1), At(0.1), ProbeOutcome.Refused)]) with { Closes = [At(0.5)] };

        Assert.Null(trace.Answer(At(0.4)).At);
        Assert.Equal((At(0.7), ProbeOutcome.Refused), (trace.Answer(At(0.6)).At!.Value, trace.Answer(At(0.6)).Sample.Outcome));
    }

    [Fact]
    public void What_is_due_in_a_pause_of_the_checker_is_attended_to_at_its_end()
    {
        var trace = Trace([Sample(0, 0.001)]) with { CheckerPauses = [new Pause(At(2), Second), new Pause(At(5), 2 * Second)] };

        Assert.Equal(new[] { 1.9, 3, 3, 4, 7 }.Select(At), new[] { 1.9, 2, 2.9, 4, 5.5 }.Select(At).Select(trace.Attended));
    }

    [Fact]
    public void A_fixed_threshold_waits_for_its_misses_and_returns_on_one_answer()
    {
        // Nothing is answered from 2 to 5.5 s: the probes of 2, 3 and 4 s time out, the one of 5 s is answered late but in time.
        var trace = Trace([Sample(0, 0.001), new TraceSample(At(2), null), Sample(4.9, 0.6)], faultAt: 8, end: 9);

        var result = Replay.Run(trace, new FixedDetector(Second, Second, 3, TimeSpan.Zero));

        Assert.Equal((1, At(0.5)), (result.FalseDeaths, result.FalselyDead));
    }

    [Fact]
    public void A_probe_on_a_connection_that_closed_fails_at_once_for_who_does_not_watch_it()
    {
        var trace = Trace([Sample(0, 0.001)], faultAt: 2.5, end: 9) with { Closes = [At(2.5)] };

        Assert.Equal(At(0.5), Replay.Run(trace, new FixedDetector(Second, Second, 1, TimeSpan.Zero)).Detection);
        Assert.Null(Replay.Run(trace, new FixedDetector(Second, Second, 2, TimeSpan.Zero)).Detection);
    }

    [Fact]
    public void Gos_rule_waits_for_a_check_that_is_not_answered_however_long()
    {
        var trace = Trace([Sample(0, 0.001), new TraceSample(At(5), null)], faultAt: 5, end: 500);

        Assert.Null(Replay.Run(trace, new GoDetector(Second, 2 * Second, TimeSpan.Zero)).Detection);
    }

    [Fact]
    public void Gos_rule_needs_more_than_the_threshold_and_a_check_that_fails()
    {
        var trace = Trace([Sample(0, 0), new TraceSample(At(4.5), TimeSpan.Zero, ProbeOutcome.Refused)], faultAt: 4.5, end: 50);

        // The last good check is that of 4 s; that of 6 s comes when the threshold has just passed, that of 7 s after it.
        Assert.Equal(At(2.5), Replay.Run(trace, new GoDetector(Second, 2 * Second, TimeSpan.Zero)).Detection);
    }

    [Fact]
    public void Phi_8_is_a_silence_of_5_2_deviations_by_Akkas_approximation() => Assert.Equal(5.226, PhiDetector.DeviationsOf(8), 0.001);

    [Fact]
    public void Phi_tolerates_what_it_has_seen_and_its_pause_on_top()
    {
        var trace = Trace([Sample(0, 0), new TraceSample(At(100), null)], faultAt: 100, end: 200);

        // Probes each second, the last answered at 99 s: a mean of 1 s, the least deviation of 0.1 s, and 2 s.
        var result = Replay.Run(trace, new PhiDetector(Second, 8, 2 * Second, 0.1 * Second, TimeSpan.Zero));

        Assert.Equal(1 + 0.5226 + 2 - 1, result.Detection!.Value.TotalSeconds, 0.001);
    }

    [Fact]
    public void A_probe_that_was_on_its_way_when_the_checker_stood_still_proves_nothing_to_RingKeeper()
    {
        // The probe of 5 s is answered at 5.15 s; the checker wakes at 9.05 s and first hears that the time for the answer is over.
        var trace = Trace([Sample(0, 0.15)], faultAt: 20, end: 21) with { CheckerPauses = [new Pause(At(5.05), 4 * Second)] };

        Assert.Equal(0, Replay.Run(trace, new RingKeeperDetector(Second, 2 * Second, TimeSpan.Zero, new Steady())).FalseDeaths);
        Assert.Equal(1, Replay.Run(trace, new FixedDetector(Second, Second, 1, TimeSpan.Zero)).FalseDeaths);
    }

    [Fact]
    public void A_generated_trace_ends_in_its_fault_and_answers_nothing_that_was_on_its_way()
    {
        foreach (var kind in GeneratedTraces.All)
        {
            var trace = kind.Make(new Random(3));
            var late = trace.Samples.Where(sample => sample.At < trace.FaultAt && sample.At + sample.Rtt >= trace.FaultAt && sample.Outcome == ProbeOutcome.Alive && sample.Run == 0);
            var last = trace.Samples[^1];

            Assert.True(kind.Fault == TraceFault.SlowDeath || !late.Any(), kind.Name);
            Assert.Equal(
                kind.Fault switch
                {
                    TraceFault.Crash => (true, ProbeOutcome.Refused, 0),
                    TraceFault.Restart => (true, ProbeOutcome.Alive, 1),
                    _ => (false, ProbeOutcome.Alive, 0),
                },
                (last.Rtt is not null, last.Outcome, last.Run));
            Assert.Equal(kind.Fault is TraceFault.Crash or TraceFault.Restart, trace.Closes.SequenceEqual([trace.FaultAt]));
            Assert.Equal(trace.Samples.OrderBy(static sample => sample.At), trace.Samples);
        }
    }

    private static ProbeTrace Trace(TraceSample[] samples, double faultAt = 100, double end = 100) => new(samples, At(faultAt), At(end));

    private static TraceSample Sample(double at, double rtt) => new(At(at), At(rtt));

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>No jitter.</summary>
    private sealed class Steady : Random
    {
        public override double NextDouble() => 0.5;
    }
}
