using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>What can befall a shard, one after the other, decided by three checkers over three ZooKeeper servers.</summary>
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
[Collection(LoopbackScene.Name)]
public sealed class ShardFaultTests(LoopbackScene loopback)
{
    private readonly DecisionScene _scene = loopback.Scene;

    // A checker may have had its last good answer an interval, with its jitter, before the fault.
    private TimeSpan Soonest => _scene.Stack.Threshold - (_scene.Stack.Interval * 1.1);

    [Fact]
    public async Task A_killed_shard_is_dead_before_the_threshold_has_passed_and_alive_once_it_is_back()
    {
        Root.Require();
        var shard = LoopbackScene.Plain[0];
        await using var scenario = await _scene.BeginAsync("a shard killed");
        var cure = await scenario.BreakAsync(() => Task.CompletedTask, _scene.Stack.Shards[shard].RestartAsync);
        var took = await scenario.LoseAsync(shard, _scene.Stack.Shards[shard].KillAsync);
        Assert.True(took < _scene.Stack.Threshold, $"Dead after {took}, though it refused every connection.");
        await scenario.RegainAsync(shard, cure, restarts: true);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task A_stopped_shard_is_dead_after_the_threshold_and_alive_once_it_goes_on()
    {
        Root.Require();
        var shard = LoopbackScene.Plain[1];
        await using var scenario = await _scene.BeginAsync("a shard stopped (SIGSTOP)");
        var cure = await scenario.BreakAsync(() => Task.CompletedTask, Do(_scene.Stack.Shards[shard].Resume));
        AssertPatient(await scenario.LoseAsync(shard, Do(_scene.Stack.Shards[shard].Hang)));
        await scenario.RegainAsync(shard, cure);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task A_shard_that_sleeps_is_dead_after_the_threshold_and_alive_when_it_wakes()
    {
        Root.Require();
        var shard = LoopbackScene.Plain[2];
        await using var scenario = await _scene.BeginAsync("a shard busy for 5 s (DEBUG SLEEP)");
        AssertPatient(await scenario.LoseAsync(shard, () => _scene.Stack[shard].SleepAsync(seconds: 5)));
        await scenario.RegainAsync(shard, () => Task.CompletedTask);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task A_shard_that_is_loading_is_dead_and_alive_when_it_has_loaded()
    {
        Root.Require();
        const string Shard = LoopbackScene.SlowLoader;
        await using var scenario = await _scene.BeginAsync("a shard LOADING for 5 s");
        await scenario.LoseAsync(Shard, _scene.Stack[Shard].LoadAnewAsync);
        await _scene.Stack[Shard].AssertLoadingAsync();
        await scenario.RegainAsync(Shard, () => Task.CompletedTask);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task A_restarted_shard_stays_dead_while_it_loads_its_dump()
    {
        Root.Require();
        const string Shard = LoopbackScene.SlowLoader;
        await using var scenario = await _scene.BeginAsync("a shard killed and restarted, LOADING for 5 s");
        await scenario.LoseAsync(Shard, _scene.Stack[Shard].RestartWithMuchToLoadAsync);
        await _scene.Stack[Shard].AssertLoadingAsync();
        await scenario.RegainAsync(Shard, () => Task.CompletedTask, restarts: true);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task A_shard_whose_disk_is_full_is_dead_after_the_threshold_and_alive_when_there_is_room()
    {
        Root.Require();
        const string Shard = LoopbackScene.OnSmallDisk;
        await using var scenario = await _scene.BeginAsync("a shard whose disk is full (MISCONF)");
        var cure = await scenario.BreakAsync(() => Task.CompletedTask, _scene.Stack[Shard].EmptyDiskAsync);
        AssertPatient(await scenario.LoseAsync(Shard, _scene.Stack[Shard].FillDiskAsync));
        await scenario.RegainAsync(Shard, cure);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task A_shard_that_accepts_and_never_answers_is_dead_after_the_threshold_and_no_later_than_one_that_hangs()
    {
        Root.Require();
        const string Shard = LoopbackScene.Proxied;
        await using var scenario = await _scene.BeginAsync("a shard that accepts and never answers");
        var cure = await scenario.BreakAsync(() => Task.CompletedTask, Do(_scene.Stack[Shard].Speak));
        var took = await scenario.LoseAsync(Shard, _scene.Stack[Shard].FallSilentAsync);
        AssertPatient(took);

        // The count and the write are far quicker; a threshold that began anew with each connection would never end.
        Assert.InRange(took, Soonest, 3 * _scene.Stack.Threshold);
        await scenario.RegainAsync(Shard, cure);
        await scenario.EndAsync();
    }

    private void AssertPatient(TimeSpan took) => Assert.True(took >= Soonest, $"Dead after {took}, though the threshold is {_scene.Stack.Threshold}.");

    private static Func<Task> Do(Action act) => () =>
    {
        act();
        return Task.CompletedTask;
    };
}
