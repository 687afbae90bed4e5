using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;

namespace RingKeeper.IntegrationTests.Libraries;

/// <summary>Three redis-servers on a ring with hash tags, watched by three checkers, for libraries that were not written for one; each client stands for a process of their users.</summary>
internal sealed class LibraryScene : IAsyncDisposable
{
    private readonly EmbeddedStack _stack;
    private readonly List<ZKCluster> _clients = [];

    private LibraryScene(EmbeddedStack stack) => _stack = stack;

    /// <summary>Starts servers that forget all when they are killed, as caches may.</summary>
    public static Task<LibraryScene> StartAsync() => StartAsync([]);

    /// <summary>Starts servers that have written down whatever they have acknowledged.</summary>
    public static Task<LibraryScene> StartDurableAsync() => StartAsync(["--appendonly", "yes", "--appendfsync", "always"]);

    /// <summary>Connects a client that lives as long as the scene.</summary>
    public async Task<ZKCluster> ConnectAsync()
    {
        var client = await _stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        foreach (var shard in client.View.Ring.Shards)
        {
            await Views.ServesAsync(client, shard.Name);
        }

        _clients.Add(client);
        return client;
    }

    /// <summary>The name of the shard that owns a key.</summary>
    public static string OwnerOf(ZKCluster client, string key) => client.View.Ring.Shards[client.View.Ring.GetOwner(Encoding.UTF8.GetBytes(key))].Name;

    /// <summary>The names of the shards on which a key lies.</summary>
    public static async Task<IReadOnlyList<string>> WhereIsAsync(ZKCluster client, RedisKey key)
    {
        var shards = client.View.Ring.Shards.Zip(client.GetShardDatabases());
        var found = new List<string>();
        foreach (var (shard, database) in shards)
        {
            if (await database.KeyExistsAsync(key))
            {
                found.Add(shard.Name);
            }
        }

        return found;
    }

    /// <summary>Kills a shard's server by SIGKILL; returns as soon as it is gone, long before anybody has agreed on it.</summary>
    public Task KillAsync(string shard) => _stack.Shards[shard].KillAsync();

    /// <summary>Waits until every client has heard that a shard is agreed to be dead.</summary>
    public Task AgreedAsync(string shard) => Task.WhenAll(_clients.Select(client => Views.WaitAsync(client, Views.IsDead(shard))));

    /// <summary>Starts a killed shard's server again; returns when it serves every client.</summary>
    public async Task ReturnAsync(string shard)
    {
        await _stack.Shards[shard].RestartAsync();
        await Task.WhenAll(_clients.Select(client => Views.ServesAsync(client, shard)));
    }

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    private static async Task<LibraryScene> StartAsync(IReadOnlyList<string> redisArguments)
    {
        var stack = new EmbeddedStack { RedisArguments = redisArguments };
        try
        {
            await stack.StartAsync(options: new ZKClusterOptions { ExpectedCheckers = 3, RingType = RingTypes.Rendezvous, RingParams = "", HashTag = "{}" });
            return new LibraryScene(stack);
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }
}
