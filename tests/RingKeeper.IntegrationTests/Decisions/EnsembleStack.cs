using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>Three Apache ZooKeeper servers, redis-server shards of every sort, and a process a checker; with a namespace, one of which may run in it.</summary>
internal sealed partial class EnsembleStack : ClusterStack
{
    private readonly TemporaryFolder _logs = new("decisions");
    private RealEnsemble? _ensemble;
    private NetworkNamespace? _network;
    private readonly List<StackChecker> _remote = [];
    private int _started;
    private bool _nextIsRemote;

    /// <summary>Whether servers listen where a namespace reaches them: shards on its first address, ZooKeeper on the second.</summary>
    public bool HasNamespace { get; init; }

    /// <summary>What starts the shards, in order; beyond them every shard is plain.</summary>
    public IReadOnlyList<Func<Task<FaultyShard>>> Sorts { get; init; } = [];

    public override string ZKServers => _ensemble!.ConnectString;

    public RealEnsemble Ensemble => _ensemble!;

    /// <summary>The checkers in the namespace.</summary>
    public IReadOnlyList<StackChecker> Remote => _remote;

    public FaultyShard this[string shard] => (FaultyShard)Shards[shard];

    private IPAddress ShardAddress => _network?.First ?? IPAddress.Loopback;

    public override Task StopZooKeeperAsync() => Task.WhenAll(Ensemble.Members.Select(m => m.KillAsync()));

    public override Task RestartZooKeeperAsync() => Task.WhenAll(Ensemble.Members.Select(m => m.RestartAsync()));

    /// <summary>Starts a checker in the namespace; returns once it stands in line.</summary>
    public async Task AddRemoteCheckerAsync()
    {
        _nextIsRemote = true;
        _remote.Add(await AddCheckerAsync());
    }

    /// <summary>Ends a checker in order and starts one like it, at the end of the line.</summary>
    public async Task MoveToEndAsync(StackChecker checker) =>
        await (await EndAsync(checker) ? AddRemoteCheckerAsync() : AddCheckerAsync());

    /// <summary>Ends a checker in order.</summary>
    /// <returns>Whether it was one in the namespace.</returns>
    public async Task<bool> EndAsync(StackChecker checker)
    {
        await checker.StopAsync();
        Checkers.Remove(checker);
        await checker.DisposeAsync();
        return _remote.Remove(checker);
    }

    /// <summary>Finds the process whose node this is.</summary>
    public async Task<RealStack.CheckerProcess> FindCheckerAsync(string node)
    {
        // The node is there a moment before its checker has learned, and said, that it is its own.
        using var found = CancellationTokenSource.CreateLinkedTokenSource(Cancel.Soon);
        var searches = Checkers.Cast<RealStack.CheckerProcess>().ToDictionary(c => c.WhenLoggedAsync(log => Registration().Matches(log).LastOrDefault()?.Groups["node"].Value == node, found.Token));
        var first = await Task.WhenAny(searches.Keys);
        await found.CancelAsync();
        await Task.WhenAll(searches.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return first.IsCompletedSuccessfully ? searches[first] : throw new TimeoutException($"No checker says that {node} is its node. {string.Join(Environment.NewLine, searches.Values.Select(c => c.QuoteLog()))}");
    }

    /// <summary>Cuts the namespace from shards, from ZooKeeper or from both.</summary>
    public Task CutAsync(Cut cut) => Task.WhenAll(Addresses(cut).Select(_network!.CutAsync));

    public Task MendAsync(Cut cut) => Task.WhenAll(Addresses(cut).Select(_network!.MendAsync));

    protected override async Task StartZooKeeperAsync()
    {
        _network = HasNamespace ? await NetworkNamespace.CreateAsync() : null;
        _ensemble = await RealEnsemble.StartAsync(_network?.Second);
    }

    protected override async Task<StackShard> StartShardServerAsync() =>
        Shards.Count < Sorts.Count ? await Sorts[Shards.Count]() : await FaultyShard.StartAsync(ShardAddress);

    // Each process is a checker of its own: none comes back as one that was there before.
    internal override async Task<StackChecker> StartCheckerAsync(int number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"checker{++_started}");
        string[] command =
        [
            .. _nextIsRemote ? _network!.Enter : [], "dotnet", typeof(RingKeeper.Cli.ExitCodes).Assembly.Location, "checker", Name, "--zookeeper", ZKServers,
            "--interval", Milliseconds(Interval), "--threshold", Milliseconds(Threshold), "--session-timeout", Milliseconds(SessionTimeout), "--id", id,
        ];
        _nextIsRemote = false;
        return new RealStack.CheckerProcess(await ChildProcess.StartAsync(command[0], "dotnet-sdk-10.0 or util-linux", command[1..], _logs.Combine($"{id}.log")));
    }

    protected override async ValueTask StopServersAsync()
    {
        if (_ensemble is not null)
        {
            await _ensemble.DisposeAsync();
        }

        if (_network is not null)
        {
            await _network.DisposeAsync();
        }

        _logs.Dispose();
    }

    private IEnumerable<IPAddress> Addresses(Cut cut)
    {
        if (cut.HasFlag(Cut.Shards))
        {
            yield return _network!.First;
        }

        if (cut.HasFlag(Cut.ZooKeeper))
        {
            yield return _network!.Second;
        }
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0}ms");

    [GeneratedRegex(@"registered as (?<node>n_-?\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Registration();
}

/// <summary>What a checker is cut from.</summary>
[Flags]
public enum Cut
{
    None = 0,
    Shards = 1,
    ZooKeeper = 2,
    Both = Shards | ZooKeeper,
}
