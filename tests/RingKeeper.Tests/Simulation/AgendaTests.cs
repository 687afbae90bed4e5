using RingKeeper.Simulator;
using Xunit;

namespace RingKeeper.Tests.Simulation;

public sealed class AgendaTests
{
    [Fact]
    public void What_is_due_runs_in_the_order_of_time_and_then_of_entry()
    {
        var agenda = new Agenda();
        List<string> ran = [];
        agenda.After(TimeSpan.FromSeconds(2), () => ran.Add("late"));
        agenda.After(TimeSpan.FromSeconds(1), () =>
        {
            ran.Add("first");
            agenda.After(TimeSpan.Zero, () => ran.Add("entered by the first"));
        });
        agenda.After(TimeSpan.FromSeconds(1), () => ran.Add("second"));
        agenda.RunUntil(TimeSpan.FromSeconds(2).Ticks);
        Assert.Equal(["first", "second", "entered by the first", "late"], ran);
        Assert.Equal(TimeSpan.FromSeconds(2), agenda.Elapsed);
    }

    [Fact]
    public void Nothing_is_run_that_is_due_after_the_end()
    {
        var agenda = new Agenda();
        agenda.After(TimeSpan.FromSeconds(3), () => Assert.Fail("It was not due."));
        agenda.RunUntil(TimeSpan.FromSeconds(2).Ticks);
        Assert.Equal(TimeSpan.FromSeconds(2), agenda.Elapsed);
    }

    [Fact]
    public async Task Another_thread_is_found_out()
    {
        var agenda = new Agenda();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Task.Factory.StartNew(() => agenda.After(TimeSpan.Zero, static () => { }), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    [Fact]
    public void A_paused_process_hears_everything_when_it_goes_on()
    {
        var agenda = new Agenda();
        var process = new SimulatedProcess(agenda, host: 0);
        var clock = new ProcessClock(agenda, process, static () => TimeSpan.FromSeconds(-5));
        List<long> fired = [];
        using var timer = clock.CreateTimer(_ => fired.Add(agenda.Elapsed.Ticks / TimeSpan.TicksPerSecond), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        process.Pause();
        agenda.After(TimeSpan.FromSeconds(4), process.Resume);
        agenda.RunUntil(TimeSpan.FromSeconds(10).Ticks);
        Assert.Equal([4L], fired);
        Assert.Equal(ProcessClock.Start.AddSeconds(5), clock.GetUtcNow());
    }
}
