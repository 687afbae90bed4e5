using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>The whole machine is busy, and nothing is wrong; with the intervals that a checker has by default.</summary>
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class SaturationTests : IAsyncLifetime
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    private readonly DecisionScene _scene = new(new EnsembleStack
    {
        Interval = TimeSpan.FromSeconds(1),
        Threshold = TimeSpan.FromSeconds(2),
        SessionTimeout = TimeSpan.FromSeconds(4),
    });

    public async ValueTask InitializeAsync() => await _scene.StartAsync(shards: 4);

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task A_busy_machine_is_no_reason_to_call_a_shard_dead_and_a_real_death_is_found_on_it()
    {
        await using var scenario = await _scene.BeginAsync($"every core busy for {Duration.TotalSeconds:0} s, then a shard killed");
        await using var busy = await BusyProcesses.StartAsync();
        var before = _scene.Votes.Counts;
        await _scene.AssertNoDeathForAsync(Duration);
        Assert.True(busy.AllRun);
        Assert.Equal(0, await scenario.AssertFlipsAsync());
        var (abstentions, deaths) = _scene.Votes.Counts;
        scenario.Note($"no flip; {abstentions - before.Abstentions} verdicts withdrawn and {deaths - before.Deaths} votes for a death meanwhile");

        var restart = await scenario.BreakAsync(() => Task.CompletedTask, _scene.Stack.Shards["shard1"].RestartAsync);
        await scenario.LoseAsync("shard1", _scene.Stack.Shards["shard1"].KillAsync);
        await busy.DisposeAsync();
        await scenario.RegainAsync("shard1", restart, restarts: true);
        await scenario.EndAsync();
    }
}
