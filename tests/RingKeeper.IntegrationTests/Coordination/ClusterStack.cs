using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>Servers, shards and checkers that a cluster test breaks; the same tests run on every stack.</summary>
public abstract class ClusterStack : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];
    private int _started;

    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan Threshold { get; init; } = TimeSpan.FromMilliseconds(800);

    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(2);

    public abstract string ZKServers { get; }

    /// <summary>Where clients find ZooKeeper; a stack may put something in between.</summary>
    public virtual string ClientZKServers => ZKServers;

    public string Name { get; } = "c1";

    /// <summary>The checkers, in the order of their start; the first leads.</summary>
    internal List<StackChecker> Checkers { get; } = [];

    public ZKManager Manager { get; private set; } = null!;

    public Dictionary<string, StackShard> Shards { get; } = [];

    /// <summary>Starts servers, a cluster and checkers; returns once every shard is found alive.</summary>
    public async Task StartAsync(int shards = 3, int checkers = 3, ZKClusterOptions? options = null)
    {
        await StartEmptyAsync();
        var list = new List<Shard>();
        for (var i = 1; i <= shards; i++)
        {
            list.Add(await StartShardAsync($"shard{i}"));
        }

        await Manager.CreateClusterAsync(Name, list, options ?? new ZKClusterOptions { ExpectedCheckers = checkers }, Cancel.Soon);
        for (var i = 0; i < checkers; i++)
        {
            await AddCheckerAsync();
        }

        if (checkers > 0)
        {
            await using var client = await ZKCluster.ConnectAsync(ConnectorOptions(), Name, cancellationToken: Cancel.Soon);
            await Views.WaitAsync(client, Views.AllAlive);
        }
    }

    /// <summary>Starts ZooKeeper and connects a manager; there is no cluster yet.</summary>
    public async Task StartEmptyAsync()
    {
        await StartZooKeeperAsync();
        Manager = Own(await ZKManager.ConnectAsync(ConnectorOptions()));
    }

    /// <summary>Connects a client that lives as long as the stack.</summary>
    public async Task<ZKCluster> ConnectAsync(ClusterOptions? options = null) =>
        Own(await ZKCluster.ConnectAsync(ConnectorOptions() with { ZKServers = ClientZKServers }, Name, options, Cancel.Soon));

    public async Task<ZooKeeperClient> ConnectToZooKeeperAsync() => Own(await ZooKeeperClient.ConnectAsync(ZKServers, Cancel.Soon));

    public async Task<Shard> StartShardAsync(string name)
    {
        var server = await StartShardServerAsync();
        Shards.Add(name, server);
        return new Shard(name, server.Addr);
    }

    /// <summary>Starts a checker, another one or, by its number, one that was started before; returns once it stands in line.</summary>
    internal async Task<StackChecker> AddCheckerAsync(int? number = null)
    {
        var before = await Manager.GetCheckersAsync(Name, Cancel.Soon);
        await using var client = await ZooKeeperClient.ConnectAsync(ZKServers, Cancel.Soon);
        await using var line = await client.WatchAsync(ZKPaths.Cluster(Name), WatchMode.PersistentRecursive, Cancel.Soon);
        var checker = await StartCheckerAsync(number ?? _started++);
        Checkers.Add(checker);
        if ((await Manager.GetCheckersAsync(Name, Cancel.Soon)).Except(before).Any())
        {
            return checker;
        }

        await foreach (var _ in line.ReadAllAsync(Cancel.Soon))
        {
            if ((await Manager.GetCheckersAsync(Name, Cancel.Soon)).Except(before).Any())
            {
                break;
            }
        }

        return checker;
    }

    /// <summary>Changes the list of shards.</summary>
    public async Task UpdateAsync(Func<IReadOnlyList<Shard>, IEnumerable<Shard>> change)
    {
        var cluster = await Manager.GetClusterAsync(Name, Cancel.Soon);
        await Manager.UpdateClusterAsync(cluster with { Shards = [.. change(cluster.Shards)] }, Cancel.Soon);
    }

    public ZKConnectorOptions ConnectorOptions() => new() { ZKServers = ZKServers, ZKTimeout = SessionTimeout };

    public abstract Task StopZooKeeperAsync();

    public abstract Task RestartZooKeeperAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var checker in Checkers)
        {
            await checker.DisposeAsync();
        }

        foreach (var owned in Enumerable.Reverse(_owned))
        {
            await owned.DisposeAsync();
        }

        foreach (var shard in Shards.Values)
        {
            await shard.DisposeAsync();
        }

        await StopServersAsync();
    }

    protected abstract Task StartZooKeeperAsync();

    protected abstract Task<StackShard> StartShardServerAsync();

    internal abstract Task<StackChecker> StartCheckerAsync(int number);

    protected abstract ValueTask StopServersAsync();

    private T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}

/// <summary>A shard's server and what can befall it.</summary>
public abstract class StackShard : IAsyncDisposable
{
    public abstract string Addr { get; }

    public abstract Task KillAsync();

    /// <summary>Hangs it: connections stay and nothing answers.</summary>
    public abstract void Hang();

    public abstract void Resume();

    public abstract Task RestartAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>A checker and what can befall it.</summary>
public abstract class StackChecker : IAsyncDisposable
{
    /// <summary>Ends it as a crash does: its session is left to expire.</summary>
    public abstract Task KillAsync();

    /// <summary>Stops it as an operator does.</summary>
    public abstract Task StopAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>Bounds every wait, so that a test that would hang fails instead.</summary>
internal static class Cancel
{
    public static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;
}
