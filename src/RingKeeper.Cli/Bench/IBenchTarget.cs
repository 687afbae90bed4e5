using StackExchange.Redis;

namespace RingKeeper.Cli.Bench;

/// <summary>Where a load goes.</summary>
internal interface IBenchTarget
{
    /// <summary>Gets its name.</summary>
    string Name { get; }

    /// <summary>Finds the server of a key, as an application does before each operation.</summary>
    ValueTask<(IDatabase Database, string Shard)> RouteAsync(RedisKey key, CancellationToken cancellationToken);
}

/// <summary>The cluster, by its ring.</summary>
internal sealed class RingTarget(ZKCluster cluster) : IBenchTarget
{
    public string Name => "cluster";

    public async ValueTask<(IDatabase Database, string Shard)> RouteAsync(RedisKey key, CancellationToken cancellationToken)
    {
        var route = await cluster.ConnectAsync(key, cancellationToken: cancellationToken);
        return (route.Database, route.Shard.Name);
    }
}

/// <summary>One shard, past the ring.</summary>
internal sealed class ShardTarget(Shard shard, IDatabase database) : IBenchTarget
{
    public string Name => $"{shard.Name} alone";

    public ValueTask<(IDatabase Database, string Shard)> RouteAsync(RedisKey key, CancellationToken cancellationToken) => new((database, shard.Name));
}
