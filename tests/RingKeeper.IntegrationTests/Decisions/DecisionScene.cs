using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>A stack, a load on it that judges every read, and readers of all that is decided; shared by the scenarios of a class.</summary>
internal sealed class DecisionScene(EnsembleStack stack) : IAsyncDisposable
{
    private RegisterWorkload? _workload;
    private StatusHistory? _history;
    private VoteHistory? _votes;

    public EnsembleStack Stack => stack;

    public StatusHistory History => _history!;

    public VoteHistory Votes => _votes!;

    public RegisterWorkload Workload => _workload!;

    /// <summary>The clients of the load, which have routed around every fault.</summary>
    public IReadOnlyList<ZKCluster> Clients { get; private set; } = [];

    /// <summary>Starts everything; returns once all shards are alive, all checkers vote, and every read and write works.</summary>
    public async Task StartAsync(int shards, int remoteCheckers = 0)
    {
        const int Checkers = 3;
        await stack.StartAsync(shards, Checkers - remoteCheckers, new ZKClusterOptions { ExpectedCheckers = Checkers });
        for (var i = 0; i < remoteCheckers; i++)
        {
            await stack.AddRemoteCheckerAsync();
        }

        _history = await StatusHistory.OpenAsync(stack);
        _votes = await VoteHistory.OpenAsync(stack);
        Clients = [await stack.ConnectAsync(), await stack.ConnectAsync()];
        _workload = new RegisterWorkload(Clients, "d:", registers: 20 * shards, TimeSpan.FromMilliseconds(10), seed: 7, TimeProvider.System);
        _workload.Start();
        await _workload.WhenWrittenAsync(20).WaitAsync(Cancel.Soon);
    }

    /// <summary>Returns once every checker stands in line and says that every shard is alive.</summary>
    public Task<VoteLine> AllWellAsync() => Votes.WhenAsync("three checkers that say of every shard that it is alive", line => line.AllSayAlive(3, stack.Shards.Count));

    /// <summary>Fails as soon as a shard is decided dead, or is already; returns when the time has passed.</summary>
    public async Task AssertNoDeathForAsync(TimeSpan duration)
    {
        var death = History.WhenAsync(state => state.Status.Values.Any(s => !s.Alive));
        await History.CatchUpAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => death.WaitAsync(duration, TimeProvider.System));
    }

    /// <summary>The newest decision must have taken this node out of the line, in one write, rather than its session's end.</summary>
    public async Task AssertUnseatedAsync(string node)
    {
        await Votes.WhenAsync($"{node} gone", line => !line.Votes.ContainsKey(node));
        await using var client = await ZooKeeperClient.ConnectAsync(stack.ZKServers, Cancel.Soon);
        var decided = (await client.ExistsAsync(ZKPaths.Status(stack.Name), Cancel.Soon))!.Value.Mzxid;
        Assert.Equal(decided, (await client.ExistsAsync(ZKPaths.LocalStatus(stack.Name), Cancel.Soon))!.Value.Pzxid);
        Assert.Contains(node, (await stack.Manager.GetDecisionsAsync(stack.Name, Cancel.Soon))[0].Unseated);
    }

    /// <summary>Begins a scenario, with everything well.</summary>
    public async Task<Scenario> BeginAsync(string name)
    {
        await AllWellAsync();
        await History.CatchUpAsync();
        return new Scenario(this, name);
    }

    /// <summary>Ends the load: it must have been enough to judge, and nothing stale or wrong was ever read.</summary>
    public async Task AssertNothingStaleAsync()
    {
        await Workload.WhenWrittenAsync(20).WaitAsync(Cancel.Soon);
        var counts = Workload.Counts;
        Assert.True(counts.Stale == 0 && counts.Wrong == 0, string.Join(Environment.NewLine, counts.Broken));
        Assert.True(counts.Fresh > 20, $"Too few reads to judge: {counts}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in new IAsyncDisposable?[] { _workload, _history, _votes, stack })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }
    }
}
