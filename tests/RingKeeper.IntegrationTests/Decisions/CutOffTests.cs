using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>One of three checkers is alone on its network and cut off, while a shard dies: the other two decide, and nothing else is decided.</summary>
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class CutOffTests(CutOffTests.Network network) : IClassFixture<CutOffTests.Network>
{
    private readonly DecisionScene _scene = network.Scene;

    private EnsembleStack Stack => _scene.Stack;

    [Theory]
    [InlineData(Cut.Shards, true)]
    [InlineData(Cut.ZooKeeper, true)]
    [InlineData(Cut.Both, true)]
    [InlineData(Cut.Shards, false)]
    [InlineData(Cut.ZooKeeper, false)]
    [InlineData(Cut.Both, false)]
    public async Task A_checker_that_is_cut_off_decides_nothing_and_keeps_nobody_from_deciding(Cut cut, bool leads)
    {
        Root.Require();
        const string Shard = "shard1";
        var node = await TakePlaceAsync(leads);
        await using var scenario = await _scene.BeginAsync($"a {(leads ? "leading" : "following")} checker cut from {Name(cut)}, a shard killed");
        var restart = await scenario.BreakAsync(() => Task.CompletedTask, Stack.Shards[Shard].RestartAsync);
        var mend = await scenario.BreakAsync(() => Stack.CutAsync(cut), () => Stack.MendAsync(cut));
        if (cut == Cut.Shards)
        {
            // It still votes, and sees no shard alive; whether it calls them dead or says nothing, nobody follows it.
            await _scene.Votes.WhenAsync($"{node} says of no shard that it is alive", line => line.Votes.GetValueOrDefault(node) is { } vote && !vote.ContainsValue(true));
            await scenario.AssertFlipsAsync();
        }

        await scenario.LoseAsync(Shard, Stack.Shards[Shard].KillAsync);
        if (cut.HasFlag(Cut.ZooKeeper))
        {
            if (leads)
            {
                await _scene.AssertUnseatedAsync(node);
            }

            await _scene.Votes.WhenAsync($"{node} gone", line => !line.Votes.ContainsKey(node));
        }

        await mend();
        await scenario.RegainAsync(Shard, restart, restarts: true);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task Most_checkers_cut_from_the_shards_decide_nothing_and_a_real_death_is_decided_once_they_are_back()
    {
        Root.Require();
        const string Shard = "shard2";
        await _scene.AllWellAsync();
        var second = Stack.Checkers.Find(c => !Stack.Remote.Contains(c))!;
        await Stack.EndAsync(second);
        await Stack.AddRemoteCheckerAsync();
        try
        {
            await using var scenario = await _scene.BeginAsync("two of three checkers cut from the shards");
            var restart = await scenario.BreakAsync(() => Task.CompletedTask, Stack.Shards[Shard].RestartAsync);
            var mend = await scenario.BreakAsync(() => Stack.CutAsync(Cut.Shards), () => Stack.MendAsync(Cut.Shards));
            var before = _scene.Votes.Counts.Abstentions;
            await _scene.Votes.WhenAsync("only one checker says of a shard that it is alive", line => line.Votes.Values.Count(vote => vote.ContainsValue(true)) == 1);
            await _scene.AssertNoDeathForAsync(5 * Stack.Threshold);
            await scenario.AssertFlipsAsync();
            await mend();
            await _scene.AllWellAsync();
            var abstentions = _scene.Votes.Counts.Abstentions - before;
            Assert.InRange(abstentions, Stack.Shards.Count, int.MaxValue);
            scenario.Note($"no flip for {5 * Stack.Threshold.TotalSeconds} s, {abstentions} verdicts withdrawn");
            await scenario.LoseAsync(Shard, Stack.Shards[Shard].KillAsync);
            await scenario.RegainAsync(Shard, restart, restarts: true);
            await scenario.EndAsync();
        }
        finally
        {
            await Stack.EndAsync(Stack.Remote[^1]);
            await Stack.AddCheckerAsync();
        }
    }

    // Returns the node of the checker that is to be cut off, once it is where the scenario wants it.
    private async Task<string> TakePlaceAsync(bool leads)
    {
        while (true)
        {
            var line = await _scene.AllWellAsync();
            var places = new List<RealStack.CheckerProcess>();
            foreach (var node in line.Nodes)
            {
                places.Add(await Stack.FindCheckerAsync(node));
            }

            var place = places.FindIndex(Stack.Remote.Contains);
            if (leads == (place == 0))
            {
                return line.Nodes[place];
            }

            // Each goes to the end of the line.
            await Stack.MoveToEndAsync(places[0]);
        }
    }

    private static string Name(Cut cut) => cut switch
    {
        Cut.Shards => "the shards",
        Cut.ZooKeeper => "ZooKeeper",
        _ => "shards and ZooKeeper",
    };

    /// <summary>One ensemble, four shards and three checkers, one of them in a network namespace.</summary>
    public sealed class Network : IAsyncLifetime
    {
        internal DecisionScene Scene { get; } = new(new EnsembleStack { Interval = TimeSpan.FromMilliseconds(250), Threshold = TimeSpan.FromSeconds(1), SessionTimeout = TimeSpan.FromSeconds(4), HasNamespace = true });

        public async ValueTask InitializeAsync()
        {
            if (Environment.IsPrivilegedProcess)
            {
                await Scene.StartAsync(shards: 4, remoteCheckers: 1);
            }
        }

        public ValueTask DisposeAsync() => Scene.DisposeAsync();
    }
}
