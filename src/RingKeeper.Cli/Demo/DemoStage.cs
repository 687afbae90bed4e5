using System.Globalization;
using Microsoft.Extensions.Logging;
using RingKeeper.Cli.Commands;
using RingKeeper.Cli.Handlers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Demo;

/// <summary>The servers a demo plays on: the embedded pair, or servers of the user's, each Redis behind a proxy so that it can be cut off and left alone.</summary>
internal static class DemoStage
{
    private const int Shards = 3;
    private const int Checkers = 3;

    public static async Task<RingKeeperTestCluster> SetAsync(DemoRequest request, string name, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var isEmbedded = request.ZooKeeper is null;
        var options = new RingKeeperTestClusterOptions
        {
            ClusterName = name,
            ShardCount = isEmbedded ? Shards : Math.Min(Shards, request.Redis.Count),
            CheckerCount = Checkers,
            LoggerFactory = loggers,
            DigestCredentials = request.ZooKeeper?.Digest,
            Tls = request.ZooKeeper?.Tls,
            Sasl = request.ZooKeeper?.Sasl,
        };
        if (isEmbedded)
        {
            return await RingKeeperTestCluster.StartAsync(options, cancellationToken);
        }

        var behind = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            return await RingKeeperTestCluster.StartAsync(
                options,
                request.ZooKeeper!.Servers,
                number =>
                {
                    var shard = Place(request.Redis, number);
                    behind[shard.Addr] = number < request.Redis.Count ? request.Redis[number] : "Garnet in this process";
                    return Task.FromResult(shard);
                },
                request.RedisSettings.Apply,
                cancellationToken);
        }
        catch (RingKeeperException e)
        {
            // The cluster knows the proxies; people know their servers.
            var proxies = string.Join(", ", behind.Select(p => $"{p.Key} stands for {p.Value}"));
            throw new RingKeeperException($"{e.Message} Here {proxies}.", e);
        }
    }

    public static string Describe(DemoRequest request) => request.ZooKeeper is null
        ? "embedded ZooKeeper and Garnet, in this process"
        : $"ZooKeeper {request.ZooKeeper}, Redis {string.Join(", ", request.Redis)}, each behind a proxy of this process";

    /// <summary>Deletes what the demo wrote on servers of the user's; the registers there expire by themselves.</summary>
    public static async Task CleanAsync(DemoRequest request, string name)
    {
        if (request.ZooKeeper is not null)
        {
            await using var manager = await ZKManager.ConnectAsync(Connection.To(request.ZooKeeper));
            if ((await manager.GetNamesAsync()).Contains(name))
            {
                await manager.DeleteClusterAsync(name, force: true);
            }
        }
    }

    // The shard that joins later is a server of the user's if there is one left, else Garnet in this process.
    private static ITestShardServer Place(IReadOnlyList<string> redis, int number) =>
        number < redis.Count ? ProxiedShard.Start(ShardAddress.Parse(redis[number])) : GarnetShard.Start();
}
