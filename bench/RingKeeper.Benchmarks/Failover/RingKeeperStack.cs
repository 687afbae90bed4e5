using System.Globalization;
using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Benchmarks;

/// <summary>Three checker processes over three redis-servers and Apache ZooKeeper; the shards are broken in turn.</summary>
internal sealed class RingKeeperStack : IFailoverStack
{
    private static readonly string[] Names = ["shard1", "shard2", "shard3"];

    private readonly RealStack _stack = new()
    {
        Interval = TimeSpan.FromSeconds(0.5),
        Threshold = TimeSpan.FromSeconds(1),
        SessionTimeout = TimeSpan.FromSeconds(4),
    };

    private ZKCluster _client = null!;
    private ZooKeeperClient _zooKeeper = null!;
    private int _round;
    private RealStack.CheckerProcess _leader = null!;
    private int _victimProcess;

    public IReadOnlyList<string> Columns => ["RingKeeper"];

    public string Settings =>
        $"RingKeeper: 3 checkers, interval {_stack.Interval.TotalSeconds:0.0} s, threshold {_stack.Threshold.TotalSeconds:0.0} s, session timeout {_stack.SessionTimeout.TotalSeconds:0} s, "
        + "flap damping off, one Apache ZooKeeper, 3 shards without replicas; leader killed = the checker that leads";

    public string ZKServers => _stack.ZKServers;

    public IReadOnlyList<int> CheckerProcesses => [.. Checkers.Select(static checker => checker.ProcessId)];

    public IReadOnlyList<string> ShardAddresses => [.. _stack.Shards.Values.Select(static shard => shard.Addr)];

    // Those that were killed stay in the stack's list: their places in it are the ids of the others.
    private IReadOnlyList<RealStack.CheckerProcess> Checkers => [.. _stack.Checkers.Cast<RealStack.CheckerProcess>().Where(static checker => !checker.HasExited)];

    private string Victim => Names[_round % Names.Length];

    public bool Knows(Fault fault) => true;

    public async Task StartAsync()
    {
        await _stack.StartAsync(options: new ZKClusterOptions { ExpectedCheckers = 3, FlapPolicy = FlapPolicy.Off });
        _client = await _stack.ConnectAsync();
        _zooKeeper = await _stack.ConnectToZooKeeperAsync();
    }

    public async Task<FailoverRound> PrepareAsync()
    {
        _round++;
        var (victim, key) = (Victim, Views.KeyOf(_client.View.Ring, Victim));
        await Views.WaitAsync(_client, Views.AllAlive);
        IReadOnlyList<string> line = [];
        await Condition.WaitAsync("line of checkers", async () =>
        {
            line = await _stack.Manager.GetCheckersAsync(_stack.Name, Cancel.Soon);
            return line.Count == Checkers.Count ? null : $"{line.Count} are in line";
        });
        _leader = await FindAsync(line[0]);
        _victimProcess = await ProcessOfAsync(_stack.Shards[victim].Addr);
        return new FailoverRound([() => TryAsync(key, name => name != victim)], () => TryAsync(key, name => name == victim));
    }

    public async Task BreakAsync(Fault fault)
    {
        var shard = _stack.Shards[Victim];
        if (fault == Fault.ShardHung)
        {
            shard.Hang();
            await ProcessFacts.WaitUntilStoppedAsync(_victimProcess);
            return;
        }

        await Task.WhenAll(shard.KillAsync(), fault == Fault.ShardAndLeaderKilled ? _leader.KillAsync() : Task.CompletedTask);
    }

    public async Task MendAsync(Fault fault)
    {
        var shard = _stack.Shards[Victim];
        if (fault == Fault.ShardHung)
        {
            shard.Resume();
        }
        else
        {
            await shard.RestartAsync();
        }

        if (fault == Fault.ShardAndLeaderKilled)
        {
            await _stack.AddCheckerAsync();
        }
    }

    public async Task<string> ExplainAsync()
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"status {await ReadAsync(ZKPaths.Status(_stack.Name))}");
        foreach (var node in await _stack.Manager.GetCheckersAsync(_stack.Name, Cancel.Soon))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{node} {await ReadAsync($"{ZKPaths.LocalStatus(_stack.Name)}/{node}")}");
        }

        return text.AppendJoin(Environment.NewLine, Checkers.Select(static checker => $"process {checker.ProcessId}: {checker.QuoteLog()}")).ToString();
    }

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    private async Task<string> ReadAsync(string path) =>
        await _zooKeeper.ExistsAsync(path, Cancel.Soon) is null ? "is not there" : Encoding.UTF8.GetString((await _zooKeeper.GetDataAsync(path, Cancel.Soon)).Data);

    private async Task<bool> TryAsync(string key, Func<string, bool> isWanted)
    {
        var name = "";
        return await RegisterWorkload.TryRoundTripAsync(_client, key, shard => name = shard.Name) && isWanted(name);
    }

    private static async Task<int> ProcessOfAsync(string addr)
    {
        var info = await PlainRedis.AskAsync(int.Parse(addr[(addr.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture), "INFO server");
        return int.Parse(PlainRedis.Field(info[0], "process_id")!, CultureInfo.InvariantCulture);
    }

    // The order of the nodes says who leads, and the session of a node, by its connection, which process that is.
    private async Task<RealStack.CheckerProcess> FindAsync(string node)
    {
        var path = $"{ZKPaths.LocalStatus(_stack.Name)}/{node}";
        var session = (await _zooKeeper.ExistsAsync(path, Cancel.Soon))?.EphemeralOwner ?? throw new InvalidOperationException($"The leader's node {path} went before a fault.");
        var port = await FourLetters.PortOfSessionAsync(ZKServers, session) ?? throw new InvalidOperationException($"The leader's session {session:x} has no connection.");
        return Checkers.Single(checker => ProcessFacts.HasPort(checker.ProcessId, port));
    }
}
