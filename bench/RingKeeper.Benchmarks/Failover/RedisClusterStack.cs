using System.Diagnostics;
using System.Globalization;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>Redis Cluster: three primaries and a replica each.</summary>
internal sealed class RedisClusterStack : IFailoverStack
{
    private const int NodeTimeoutMilliseconds = 1000;
    private const int Nodes = 6;
    private const int MostRedirections = 3;

    // Slots of three primaries, so that each is the victim in turn.
    private static readonly string[] Keys = ["key1", "key2", "key4"];

    private readonly Dictionary<int, RedisServer> _servers = [];
    private IConnectionMultiplexer _client = null!;
    private int _round;
    private RedisServer _victim = null!;

    public IReadOnlyList<string> Columns => ["Redis Cluster, bare client", "Redis Cluster, StackExchange.Redis"];

    public string Settings =>
        $"Redis Cluster: 3 primaries with a replica each, created by redis-cli, cluster-node-timeout {NodeTimeoutMilliseconds}, everything else default; "
        + "the bare client asks one node after the other and follows MOVED; no process leads, so that killing one beside a shard means nothing here";

    private string Key => Keys[_round % Keys.Length];

    public bool Knows(Fault fault) => fault != Fault.ShardAndLeaderKilled;

    public async Task StartAsync()
    {
        for (var i = 0; i < Nodes; i++)
        {
            var server = await RedisServer.StartAsync(
            [
                "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", $"{NodeTimeoutMilliseconds}",
                "--cluster-port", $"{FreePort.Next()}", "--repl-diskless-sync-delay", "0",
            ]);
            _servers.Add(server.Port, server);
        }

        await CreateAsync();
        await WaitUntilWholeAsync();
        _client = await PeerClient.ConnectAsync(_servers.Keys);
    }

    public async Task<FailoverRound> PrepareAsync()
    {
        _round++;
        var key = Key;
        await WaitUntilWholeAsync();
        await Condition.WaitAsync("client of the cluster", async () => await PeerClient.TryRoundTripAsync(_client, key) ? null : "StackExchange.Redis is not served");
        var slot = int.Parse((await PlainRedis.AskAsync(_servers.Keys.First(), $"CLUSTER KEYSLOT {key}"))[0], CultureInfo.InvariantCulture);
        _victim = _servers[(await ReadNodesAsync(_servers.Keys.First())).Single(node => node.Owns(slot)).Port];
        var ports = _servers.Keys.ToArray();
        var attempts = 0;
        return new FailoverRound([() => TryBareAsync(ports[attempts++ % ports.Length], key), () => PeerClient.TryRoundTripAsync(_client, key)]);
    }

    public async Task BreakAsync(Fault fault)
    {
        if (fault == Fault.ShardKilled)
        {
            await _victim.KillAsync();
            return;
        }

        _victim.Pause();
        await ProcessFacts.WaitUntilStoppedAsync(_victim.ProcessId);
    }

    public async Task MendAsync(Fault fault)
    {
        if (fault == Fault.ShardKilled)
        {
            await _victim.RestartAsync();
        }
        else
        {
            _victim.Resume();
        }
    }

    public async Task<string> ExplainAsync() => string.Join(Environment.NewLine, await Task.WhenAll(_servers.Keys.Select(static async port =>
    {
        try
        {
            return (await PlainRedis.AskAsync(port, "CLUSTER NODES"))[0];
        }
        catch (IOException e)
        {
            return e.Message;
        }
    })));

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable owned in (IEnumerable<IAsyncDisposable>)[.. _client is null ? [] : new[] { _client }, .. _servers.Values])
        {
            await owned.DisposeAsync();
        }
    }

    private static async Task<bool> TryBareAsync(int port, string key)
    {
        try
        {
            for (var redirections = 0; redirections <= MostRedirections; redirections++)
            {
                var value = Guid.NewGuid().ToString();
                var answer = (await PlainRedis.AskAsync(port, $"SET {key} {value}"))[0];
                if (answer == "OK")
                {
                    return (await PlainRedis.AskAsync(port, $"GET {key}"))[0] == value;
                }

                if (!answer.StartsWith("-MOVED ", StringComparison.Ordinal))
                {
                    return false;
                }

                port = int.Parse(answer[(answer.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
            }

            return false;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<IReadOnlyList<ClusterNode>> ReadNodesAsync(int port) =>
        [.. (await PlainRedis.AskAsync(port, "CLUSTER NODES"))[0].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ClusterNode.Parse)];

    private async Task CreateAsync()
    {
        var info = new ProcessStartInfo("redis-cli") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (IEnumerable<string>)["--cluster", "create", .. _servers.Values.Select(static server => server.Addr), "--cluster-replicas", "1", "--cluster-yes"])
        {
            info.ArgumentList.Add(argument);
        }

        using var process = Process.Start(info) ?? throw new InvalidOperationException("redis-cli did not start.");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"redis-cli --cluster create ended with {process.ExitCode}: {await output} {await error}");
        }
    }

    private Task WaitUntilWholeAsync() => Condition.WaitAsync("Redis Cluster", async () =>
    {
        foreach (var port in _servers.Keys)
        {
            try
            {
                if (await MissingAsync(port) is { } lack)
                {
                    return $"the node on port {port} says that {lack}";
                }
            }
            catch (IOException e)
            {
                return e.Message;
            }
        }

        return null;
    });

    private async Task<string?> MissingAsync(int port)
    {
        var nodes = await ReadNodesAsync(port);
        var replication = (await PlainRedis.AskAsync(port, "INFO replication"))[0];
        return PlainRedis.Field((await PlainRedis.AskAsync(port, "CLUSTER INFO"))[0], "cluster_state") != "ok" ? "the state is not ok"
            : nodes.Count != Nodes ? $"{nodes.Count} nodes are there"
            : nodes.FirstOrDefault(static node => !node.IsWell) is { } sick ? $"{sick.Port} is {sick.Flags}"
            : nodes.Any(primary => !primary.IsReplica && nodes.Count(node => node.PrimaryId == primary.Id) != 1) ? "a primary has not one replica"
            : PlainRedis.Field(replication, "role") == "slave" && PlainRedis.Field(replication, "master_link_status") != "up" ? "it does not follow"
            : null;
    }

    /// <summary>A line of CLUSTER NODES.</summary>
    private sealed record ClusterNode(string Id, int Port, string Flags, string PrimaryId, bool IsConnected, IReadOnlyList<(int First, int Last)> Slots)
    {
        public bool IsReplica => Flags.Contains("slave", StringComparison.Ordinal);

        public bool IsWell => (IsConnected || Flags.Contains("myself", StringComparison.Ordinal))
            && !Flags.Contains("fail", StringComparison.Ordinal) && !Flags.Contains("handshake", StringComparison.Ordinal);

        public bool Owns(int slot) => Slots.Any(range => slot >= range.First && slot <= range.Last);

        public static ClusterNode Parse(string line)
        {
            var fields = line.Trim().Split(' ');
            var port = fields[1].Split('@')[0].Split(':')[^1];
            var slots = fields.Skip(8).Where(static field => field[0] != '[').Select(static field => field.Split('-'));
            return new ClusterNode(
                fields[0],
                int.Parse(port, CultureInfo.InvariantCulture),
                fields[2],
                fields[3],
                fields[7] == "connected",
                [.. slots.Select(static range => (int.Parse(range[0], CultureInfo.InvariantCulture), int.Parse(range[^1], CultureInfo.InvariantCulture)))]);
        }
    }
}
