using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Shards;

/// <summary>Restarts that no probe notices: what a server brings back is never given for what was written after it.</summary>
public sealed class ShardRunTests
{
    private const string Key = "key";

    [Theory]
    [InlineData(RedisProtocol.Resp3)]
    [InlineData(RedisProtocol.Resp2)]
    public async Task What_a_restart_rolls_back_to_is_never_read_before_or_after_the_view_tells_of_it(RedisProtocol protocol)
    {
        await using var server = await RedisServer.StartAsync();
        await using var host = new ViewHost(new ClusterOptions { ConfigureRedis = redis => redis.Protocol = protocol });
        await host.ApplyAsync(View(server.Addr, await RunIdAsync(server.Addr), 1), Cancel.Soon);
        var cache = new VersionedCache(new HostConnector(host));
        await cache.SetAsync(Key, "old");
        await ExecuteAsync(server.Addr, "SAVE");
        await cache.SetAsync(Key, "new");
        Assert.Equal("new", (await cache.GetAsync<string>(Key)).Value);
        using var stop = new CancellationTokenSource();
        var reading = ReadAsync(cache, stop.Token);

        await server.KillAsync();
        await server.RestartAsync();

        // The copy of old is there, and valid by its epoch.
        Assert.EndsWith("old", await ExecuteAsync(server.Addr, "GET", Key), StringComparison.Ordinal);
        await PingAsync(host);
        Assert.False((await cache.GetAsync<string>(Key)).IsHit);
        await host.ApplyAsync(View(server.Addr, await RunIdAsync(server.Addr), 2), Cancel.Soon);
        Assert.False((await cache.GetAsync<string>(Key)).IsHit);
        await stop.CancelAsync();
        Assert.DoesNotContain("old", await reading);

        await cache.SetAsync(Key, "newest");
        Assert.Equal("newest", await UntilReadAsync(cache));
    }

    [Fact]
    public async Task A_restart_of_Garnet_is_known_before_anything_is_read_from_it()
    {
        await using var shard = GarnetShard.Start();
        await using var host = new ViewHost(new ClusterOptions());
        await host.ApplyAsync(View(shard.Addr, await RunIdAsync(shard.Addr), 1), Cancel.Soon);
        var cache = new VersionedCache(new HostConnector(host));
        await cache.SetAsync(Key, "old");
        Assert.Equal("old", (await cache.GetAsync<string>(Key)).Value);
        using var raw = await ConnectionMultiplexer.ConnectAsync(shard.Addr);
        var copy = await raw.GetDatabase().StringGetAsync(Key);

        await shard.KillAsync();
        await shard.RestartAsync();

        // Stands for what a server would have restored.
        using var again = await ConnectionMultiplexer.ConnectAsync(shard.Addr);
        await again.GetDatabase().StringSetAsync(Key, copy);
        await PingAsync(host);
        Assert.False((await cache.GetAsync<string>(Key)).IsHit);
        await host.ApplyAsync(View(shard.Addr, await RunIdAsync(shard.Addr), 1, version: 2), Cancel.Soon);
        Assert.Equal("old", await UntilReadAsync(cache));
    }

    [Theory]
    [InlineData("-info")]
    [InlineData("-eval")]
    public async Task A_user_who_may_not_ask_for_the_run_reads_on(string right)
    {
        await using var server = await RedisServer.StartAsync();
        await ExecuteAsync(server.Addr, "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", right);
        var log = new LogWatch();
        await using var host = new ViewHost(new ClusterOptions
        {
            Logger = log,
            ConfigureRedis = static redis => (redis.User, redis.Password) = ("app", "pw"),
        });
        await host.ApplyAsync(View(server.Addr, await RunIdAsync(server.Addr), 1), Cancel.Soon);

        var route = await host.ConnectAsync(Key, RoutePolicy.Failover, Cancel.Soon);

        Assert.True(route.Origin!.IsViewsRun(route.Origin.Run));
        Assert.Contains("+eval +info", await log.WhenAsync(3008), StringComparison.Ordinal);
    }

    // What was read, each value once; errors are the outage itself.
    private static async Task<HashSet<string>> ReadAsync(VersionedCache cache, CancellationToken stop)
    {
        await Task.Yield();
        var read = new HashSet<string>(StringComparer.Ordinal);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (await cache.GetAsync<string>(Key, CancellationToken.None) is { IsHit: true } found)
                {
                    read.Add(found.Value!);
                }
            }
            catch (Exception e) when (RegisterWorkload.IsOutage(e))
            {
                await Task.Yield();
            }
        }

        return read;
    }

    private static async Task<string> UntilReadAsync(VersionedCache cache)
    {
        for (var bound = Cancel.Soon; ; bound.ThrowIfCancellationRequested())
        {
            if (await cache.GetAsync<string>(Key, bound) is { IsHit: true } found)
            {
                return found.Value!;
            }
        }
    }

    // Returns once the host's own connection works again.
    private static async Task PingAsync(ViewHost host)
    {
        for (var bound = Cancel.Soon; ; bound.ThrowIfCancellationRequested())
        {
            try
            {
                await (await host.ConnectAsync(Key, RoutePolicy.Failover, bound)).Database.PingAsync();
                return;
            }
            catch (Exception e) when (RegisterWorkload.IsOutage(e))
            {
                await Task.Yield();
            }
        }
    }

    private static ClusterView View(string addr, string runId, long since, long version = 1) => new(
        new ConsistentRingBuilder("4").Build([new Shard("a", addr)]), true, 1, 0, Math.Max(since, version), new Dictionary<string, ShardStatus> { [addr] = new(addr, true, since) { RunId = runId } });

    private static async Task<string> RunIdAsync(string addr) => ServerInfo.RunIdIn(await ExecuteAsync(addr, "INFO", "server"))!;

    private static async Task<string> ExecuteAsync(string addr, string command, params object[] arguments)
    {
        await using var admin = await ConnectionMultiplexer.ConnectAsync($"{addr},allowAdmin=true");
        return (await admin.GetDatabase().ExecuteAsync(command, arguments)).ToString();
    }

    private sealed class HostConnector(ViewHost host) : IConnector
    {
        public ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy = RoutePolicy.Failover, CancellationToken cancellationToken = default) =>
            host.ConnectAsync(key, policy, cancellationToken);

        public ValueTask DisposeAsync() => default;
    }
}
