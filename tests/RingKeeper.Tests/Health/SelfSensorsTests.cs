using Xunit;

namespace RingKeeper.Tests.Health;

public sealed class SelfSensorsTests
{
    [Fact]
    public void What_the_garbage_collector_took_is_read_once()
    {
        var sensors = new SelfSensors(new StepClock());
        sensors.Read();
        var before = GC.GetTotalPauseDuration();

        GC.Collect();

        var took = GC.GetTotalPauseDuration() - before;
        Assert.True(sensors.Read().GcPause >= took);
    }

    [Fact]
    public void An_item_that_waits_for_a_thread_is_told_while_it_waits_and_after()
    {
        var clock = new StepClock();
        var queued = new Queue<Action>();
        var sensors = new SelfSensors(clock, queued.Enqueue, static () => true);
        sensors.Read();

        clock.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(TimeSpan.FromMilliseconds(300), sensors.Read().PoolDelay);
        clock.Advance(TimeSpan.FromMilliseconds(100));
        queued.Dequeue()();

        // It ran after 400 ms; asked later, that is what it took.
        clock.Advance(TimeSpan.FromMilliseconds(700));
        Assert.Equal(TimeSpan.FromMilliseconds(400), sensors.Read().PoolDelay);
    }

    [Fact]
    public void Nothing_is_sent_through_a_pool_where_nothing_waits()
    {
        var (queued, waits) = (new Queue<Action>(), false);
        var sensors = new SelfSensors(new StepClock(), queued.Enqueue, () => waits);

        Assert.Equal(TimeSpan.Zero, sensors.Read().PoolDelay);
        Assert.Empty(queued);
        waits = true;
        sensors.Read();
        Assert.Single(queued);
    }
}
