using System.Globalization;
using System.Text.RegularExpressions;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The figures of docs/sizing.md, counted by redis-server and Apache ZooKeeper themselves.</summary>
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed partial class SizingPageTests
{
    // As many addresses as one redis-server listens on, each a shard.
    private const int ShardCount = 16;
    private const int CheckerCount = 3;

    [Fact]
    public async Task Connections_watches_and_bytes_are_those_that_the_page_states()
    {
        await using var keeper = await ApacheZooKeeper.StartAsync();
        string[] hosts = [.. Enumerable.Range(1, ShardCount).Select(static i => $"127.0.0.{i}")];
        await using var redis = await RedisServer.StartAsync(["--bind", .. hosts], cancellationToken: Cancel.Soon);
        await using var manager = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = keeper.ConnectString }, Cancel.Soon);
        await manager.CreateClusterAsync("sizes", [.. hosts.Select((host, i) => new Shard($"shard{i}", $"{host}:{redis.Port}"))], new ZKClusterOptions { ExpectedCheckers = CheckerCount }, Cancel.Soon);
        var checkers = new List<ZKChecker>();
        try
        {
            for (var i = 0; i < CheckerCount; i++)
            {
                checkers.Add(await ZKChecker.ConnectAsync(new ZKCheckerOptions { ZKServers = keeper.ConnectString, ClusterName = "sizes", CheckerId = $"checker{i}" }, Cancel.Soon));
                await checkers[i].StartAsync(Cancel.Soon);
            }

            await MeasureAsync(keeper, redis);
        }
        finally
        {
            foreach (var checker in checkers)
            {
                await checker.DisposeAsync();
            }
        }
    }

    private static async Task MeasureAsync(ApacheZooKeeper keeper, RedisServer redis)
    {
        await using var usual = await ConnectAsync(keeper, "usual", null);
        await Views.WaitAsync(usual, Views.AllAlive);
        var (sessions, watches) = await CountAsync(keeper);
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        await using var two = await ConnectAsync(keeper, "two", RedisProtocol.Resp2);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - heap;
        var (sessionsThen, _) = await CountAsync(keeper);

        // By its session: checkers take and set watches all the time.
        var own = await WatchesOfAsync(keeper, two.Session.SessionId);
        await using var three = await ConnectAsync(keeper, "three", RedisProtocol.Resp3);
        var before = await ListAsync(redis);
        foreach (var client in new[] { usual, two, three })
        {
            await SubscribeAsync(client);
        }

        var clients = await ListAsync(redis);
        var (vote, status) = await ReadSizesAsync(keeper);

        RunReport.Write(
        [
            $"sizing: connections a shard, before and after a subscription: usual {Of(before, "usual")}, {Of(clients, "usual")}; RESP2 {Of(before, "two")}, {Of(clients, "two")}; "
                + $"RESP3 {Of(before, "three")}, {Of(clients, "three")}; {CheckerCount} checkers {Of(clients, "")}",
            $"sizing: ZooKeeper: {sessions} sessions and {watches} watches with a client, {CheckerCount} checkers and a manager; one client more {sessionsThen - sessions} and {own}",
            $"sizing: a client of {ShardCount} shards holds {grown / ShardCount / 1024} KiB a shard; a vote takes {vote / ShardCount} bytes a shard, the status {status / ShardCount}",
        ]);
        Assert.Equal((1, 1, 1), (Of(before, "usual"), Of(before, "two"), Of(before, "three")));
        Assert.Equal((2, 2, 2), (Of(clients, "usual"), Of(clients, "two"), Of(clients, "three")));
        Assert.Equal(CheckerCount, Of(clients, ""));
        Assert.Equal((1, 2), (sessionsThen - sessions, own));
        Assert.InRange(watches, 2 + (CheckerCount * 4), 4 + (CheckerCount * 10));
        Assert.True(grown / ShardCount < 200 * 1024, $"A connection to a shard takes {grown / ShardCount} bytes.");
        Assert.InRange(vote / ShardCount, 150, 300);
        Assert.InRange(status / ShardCount, 100, 250);
    }

    private static async Task<ZKCluster> ConnectAsync(ApacheZooKeeper keeper, string name, RedisProtocol? protocol)
    {
        var options = new ClusterOptions
        {
            ConfigureRedis = redis =>
            {
                redis.ClientName = name;
                redis.Protocol = protocol ?? redis.Protocol;

                // So that the subscription below waits for its connection.
                redis.BacklogPolicy = BacklogPolicy.Default;
            },
        };
        return await ZKCluster.ConnectAsync(new ZKConnectorOptions { ZKServers = keeper.ConnectString }, "sizes", options, Cancel.Soon);
    }

    private static async Task SubscribeAsync(ZKCluster cluster)
    {
        foreach (var door in ((IShardDoors)cluster).Doors!)
        {
            await (await door.Connection.Opening.WaitAsync(Cancel.Soon)).GetSubscriber().SubscribeAsync(RedisChannel.Literal("news"));
        }
    }

    private static async Task<string[]> ListAsync(RedisServer redis) =>
        (await SystemCommand.RunAsync("redis-cli", "redis-tools", "-p", $"{redis.Port}", "client", "list")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    // Connections of this name at every single address; the command that counts has none, and comes by one address.
    private static int Of(string[] clients, string name)
    {
        var byShard = clients.Where(client => client.Contains($" name={name} ", StringComparison.Ordinal) && !client.Contains("cmd=client", StringComparison.Ordinal))
            .GroupBy(static client => LocalAddress().Match(client).Groups["address"].Value).Select(static shard => shard.Count()).ToList();
        Assert.Equal(ShardCount, byShard.Count);
        return Assert.Single(byShard.Distinct());
    }

    private static async Task<int> WatchesOfAsync(ApacheZooKeeper keeper, long session)
    {
        var lines = (await AskAsync(keeper, "wchc")).Split('\n').ToList();
        var head = lines.IndexOf(string.Create(CultureInfo.InvariantCulture, $"0x{session:x}"));
        Assert.True(head >= 0, $"Session 0x{session:x} watches nothing.");
        return lines.Skip(head + 1).TakeWhile(static line => line.StartsWith('\t')).Count();
    }

    private static async Task<string> AskAsync(ApacheZooKeeper keeper, string word)
    {
        using var client = await LineClient.ConnectAsync(keeper.Port);
        await client.SendAsync(word);
        var answer = "";
        while (await client.ReceiveAsync() is { Length: > 0 } piece)
        {
            answer += piece;
        }

        return answer;
    }

    private static async Task<(int Sessions, int Watches)> CountAsync(ApacheZooKeeper keeper)
    {
        var answer = await AskAsync(keeper, "mntr");
        return (Figure(answer, "zk_global_sessions"), Figure(answer, "zk_watch_count"));
    }

    private static int Figure(string answer, string name) =>
        int.Parse(answer.Split('\n').Single(line => line.StartsWith($"{name}\t", StringComparison.Ordinal)).Split('\t')[1], CultureInfo.InvariantCulture);

    private static async Task<(int Vote, int Status)> ReadSizesAsync(ApacheZooKeeper keeper)
    {
        await using var client = await ZooKeeperClient.ConnectAsync(keeper.ConnectString, Cancel.Soon);
        var voters = await client.GetChildrenAsync(ZKPaths.LocalStatus("sizes"), Cancel.Soon);
        var vote = await client.GetDataAsync($"{ZKPaths.LocalStatus("sizes")}/{voters.Names[0]}", Cancel.Soon);
        return (vote.Data.Length, (await client.GetDataAsync(ZKPaths.Status("sizes"), Cancel.Soon)).Data.Length);
    }

    [GeneratedRegex(@" laddr=(?<address>\S+) ", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex LocalAddress();
}
