using System.Globalization;
using RingKeeper.IntegrationTests.Servers;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>Three Sentinels over three pairs of primary and replica; the pairs are broken in turn.</summary>
internal sealed class SentinelStack : IFailoverStack
{
    private const string Key = "key";
    private static readonly string[] Groups = ["shard1", "shard2", "shard3"];

    private readonly List<SentinelProcess> _sentinels = [];
    private readonly Dictionary<int, RedisServer> _servers = [];
    private readonly Dictionary<string, IConnectionMultiplexer> _clients = [];
    private int _round;
    private RedisServer _victim = null!;

    public IReadOnlyList<string> Columns => ["Sentinel, bare client", "Sentinel, StackExchange.Redis"];

    public string Settings =>
        $"Sentinel: 3 sentinels, 3 primaries with a replica each, quorum {SentinelProcess.Quorum}, down-after-milliseconds {SentinelProcess.DownAfterMilliseconds}, "
        + $"failover-timeout {SentinelProcess.FailoverTimeoutMilliseconds}, parallel-syncs 1; the bare client asks a Sentinel before each attempt; leader killed = a Sentinel killed, "
        + $"since they choose who leads at the failover; between rounds the lost server is made a replica by hand, which Sentinel does only after ten seconds";

    /// <summary>The processes of the Sentinels.</summary>
    public IReadOnlyList<int> WatcherProcesses => [.. _sentinels.Select(static sentinel => sentinel.ProcessId)];

    /// <summary>The servers that are primaries at the start.</summary>
    public IReadOnlyList<string> PrimaryAddresses { get; private set; } = [];

    private string Group => Groups[_round % Groups.Length];

    private SentinelProcess Sentinel => _sentinels[_round % _sentinels.Count];

    public bool Knows(Fault fault) => true;

    public async Task StartAsync()
    {
        var primaries = new Dictionary<string, int>();
        foreach (var group in Groups)
        {
            var primary = await StartServerAsync();
            await MakeReplicaAsync((await StartServerAsync()).Port, primary.Port);
            primaries.Add(group, primary.Port);
        }

        PrimaryAddresses = [.. primaries.Values.Select(port => _servers[port].Addr)];

        for (var i = 0; i < 3; i++)
        {
            _sentinels.Add(await SentinelProcess.StartAsync(primaries));
        }

        foreach (var group in Groups)
        {
            await WaitUntilWholeAsync(group);
            _clients.Add(group, await PeerClient.ConnectAsync(_sentinels.Select(static sentinel => sentinel.Port), group));
        }
    }

    public async Task<FailoverRound> PrepareAsync()
    {
        _round++;
        var (group, client) = (Group, _clients[Group]);
        await WaitUntilWholeAsync(group);
        await Condition.WaitAsync($"client of {group}", async () => await PeerClient.TryRoundTripAsync(client, Key) ? null : "StackExchange.Redis is not served");
        _victim = _servers[await PrimaryOfAsync(Sentinel, group)];
        var attempts = 0;
        return new FailoverRound([() => TryBareAsync(group, _sentinels[attempts++ % _sentinels.Count]), () => PeerClient.TryRoundTripAsync(client, Key)]);
    }

    public async Task BreakAsync(Fault fault)
    {
        if (fault == Fault.ShardHung)
        {
            _victim.Pause();
            await ProcessFacts.WaitUntilStoppedAsync(_victim.ProcessId);
            return;
        }

        await Task.WhenAll(_victim.KillAsync(), fault == Fault.ShardAndLeaderKilled ? Sentinel.KillAsync() : Task.CompletedTask);
    }

    public async Task MendAsync(Fault fault)
    {
        if (fault == Fault.ShardHung)
        {
            _victim.Resume();
        }
        else
        {
            await _victim.RestartAsync();
        }

        if (fault == Fault.ShardAndLeaderKilled)
        {
            await Sentinel.RestartAsync();
        }

        await MakeReplicaAsync(_victim.Port, await PrimaryOfAnyAsync());
    }

    public Task<string> ExplainAsync() => Task.FromResult(string.Join(Environment.NewLine, _sentinels.Select(static sentinel => sentinel.QuoteLog())));

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable owned in (IEnumerable<IAsyncDisposable>)[.. _clients.Values, .. _sentinels, .. _servers.Values])
        {
            await owned.DisposeAsync();
        }
    }

    // A Sentinel may be busy with the failover of the round and not answer in time; another then does.
    private async Task<int> PrimaryOfAnyAsync()
    {
        for (var next = 1; ; next++)
        {
            try
            {
                return await PrimaryOfAsync(_sentinels[(_round + next) % _sentinels.Count], Group);
            }
            catch (IOException) when (next < 3 * _sentinels.Count)
            {
                // The next one is asked.
            }
        }
    }

    private static async Task<bool> TryBareAsync(string group, SentinelProcess sentinel)
    {
        try
        {
            var port = await PrimaryOfAsync(sentinel, group);
            var value = Guid.NewGuid().ToString();
            return (await PlainRedis.AskAsync(port, $"SET {Key} {value}"))[0] == "OK" && (await PlainRedis.AskAsync(port, $"GET {Key}"))[0] == value;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<int> PrimaryOfAsync(SentinelProcess sentinel, string group) =>
        int.Parse((await PlainRedis.AskAsync(sentinel.Port, $"SENTINEL GET-MASTER-ADDR-BY-NAME {group}"))[1], CultureInfo.InvariantCulture);

    private static Task MakeReplicaAsync(int port, int primary) => PlainRedis.DoAsync(port, $"REPLICAOF 127.0.0.1 {primary}");

    private Task WaitUntilWholeAsync(string group) => Condition.WaitAsync($"Sentinel's {group}", async () =>
    {
        foreach (var sentinel in _sentinels)
        {
            if (await MissingAsync(sentinel, group) is { } lack)
            {
                return $"the Sentinel on port {sentinel.Port} says that {lack}";
            }
        }

        return null;
    });

    private async Task<string?> MissingAsync(SentinelProcess sentinel, string group)
    {
        var primary = Pairs(await PlainRedis.AskAsync(sentinel.Port, $"SENTINEL MASTER {group}"));
        var replica = Pairs(await PlainRedis.AskAsync(sentinel.Port, $"SENTINEL REPLICAS {group}"));
        return primary.GetValueOrDefault("flags") != "master" ? $"the primary's flags are {primary.GetValueOrDefault("flags")}"
            : primary["num-other-sentinels"] != $"{_sentinels.Count - 1}" ? $"{primary["num-other-sentinels"]} other Sentinels are there"
            : primary["num-slaves"] != "1" ? $"{primary["num-slaves"]} replicas are there"
            : replica["flags"] != "slave" ? $"the replica's flags are {replica["flags"]}"
            : replica["master-link-status"] != "ok" || replica["master-port"] != primary["port"] ? "the replica does not follow"
            : null;
    }

    private static Dictionary<string, string> Pairs(IReadOnlyList<string> parts) =>
        parts.Chunk(2).Where(static pair => pair.Length == 2).ToDictionary(static pair => pair[0], static pair => pair[1], StringComparer.Ordinal);

    private async Task<RedisServer> StartServerAsync()
    {
        var server = await RedisServer.StartAsync(["--repl-diskless-sync-delay", "0"]);
        _servers.Add(server.Port, server);
        return server;
    }
}
