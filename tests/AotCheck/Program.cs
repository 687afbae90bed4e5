using System.Text.Json;
using AotCheck;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RingKeeper;
using RingKeeper.ZooKeeper;
using StackExchange.Redis;

// Run with the servers of ZooKeeper and the addresses of Redis servers. What does not hold is written to standard error; the exit code counts it.
Console.WriteLine("started");
var (servers, addresses) = (args[0], args[1].Split(','));
using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
var cancel = patience.Token;
var connector = new ZKConnectorOptions { ZKServers = servers };
var shards = addresses.Select((addr, i) => new Shard($"shard{i + 1}", addr)).ToList();

await using var manager = await ZKManager.ConnectAsync(connector, cancel);
await manager.CreateClusterAsync("native", shards[..^1], new ZKClusterOptions { ExpectedCheckers = 1 }, cancel);
await using var checker = await ZKChecker.ConnectAsync(new ZKCheckerOptions { ZKServers = servers, ClusterName = "native", Interval = TimeSpan.FromMilliseconds(200) }, cancel);
await checker.StartAsync(cancel);
await using var cluster = await ZKCluster.ConnectAsync(connector, "native", cancellationToken: cancel);
await WhenAliveAsync(shards.Count - 1);
Console.WriteLine("ready");

var db = cluster.GetDatabase();
await db.StringSetAsync("order:1000", "paid");
await db.HashSetAsync("order:1000:lines", [new HashEntry("tea", 2), new HashEntry("milk", 1)]);
var route = await cluster.ConnectAsync("order:1000");
var twice = await db.ScriptEvaluateAsync("return redis.call('HGET', KEYS[1], ARGV[1]) * 2", ["order:1000:lines"], ["tea"]);
var again = await cluster.ExecuteAsync("order:1000", r => r.Database.StringGetAsync("order:1000"));

var cache = new VersionedCache(cluster, new VersionedCacheOptions { Serializer = new JsonCacheSerializer(new JsonSerializerOptions { TypeInfoResolver = Json.Default }) });
var loaded = await cache.GetOrCreateAsync("user:7", _ => new ValueTask<User>(new User("Ada")), cancellationToken: cancel);

var orders = await manager.GetClusterAsync("native", cancel);
await manager.UpdateClusterAsync(orders with { Shards = shards }, cancel);
await WhenAliveAsync(shards.Count);

await using var zooKeeper = await ZooKeeperClient.ConnectAsync(servers, cancel);
await using var held = await new DistributedLock(zooKeeper, "/locks/report").AcquireAsync(cancel);
await using var led = await new LeaderElection(zooKeeper, "/scheduler/leader").LeadAsync(cancel);
var second = await new DistributedLock(zooKeeper, "/locks/report").TryAcquireAsync(cancel);

var builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders();
builder.Configuration.AddInMemoryCollection([new("RingKeeper:ZKServers", servers), new("RingKeeper:ClusterName", "native")]);
builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper")).AddHealthCheck().AddDistributedCache();
using var host = builder.Build();
await host.StartAsync(cancel);
var distributed = host.Services.GetRequiredService<IDistributedCache>();
await distributed.SetStringAsync("note", "by a container", cancel);
var health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(cancel);

(string What, bool Holds)[] checks =
[
    ("a value is on the shard of its route", await route.Database.StringGetAsync("order:1000") == "paid" && again == "paid"),
    ("a script runs on the shard of its key", (int)twice == 4),
    ("a cache keeps what it loaded", loaded == new User("Ada") && (await cache.GetAsync<User>("user:7", cancel)).Value == loaded),
    ("a shard has joined", (await manager.GetClusterAsync("native", cancel)).Shards.Count == shards.Count && cluster.View.Ring.Shards.Count == shards.Count),
    ("a lock is held once", held.IsHeld && second is null),
    ("a lead has a token", led.IsHeld && led.FencingToken > 0),
    ("a container's cache keeps what it was given", await distributed.GetStringAsync("note", cancel) == "by a container"),
    ("a container's health check is healthy", health.Status == HealthStatus.Healthy && health.Entries.ContainsKey("ringkeeper")),
    .. await Faces.CheckAsync(cluster, cancel),
];
await host.StopAsync(cancel);
var failed = checks.Where(static check => !check.Holds).ToList();
failed.ForEach(static check => Console.Error.WriteLine($"Wrong: {check.What}"));
Console.WriteLine($"{checks.Length - failed.Count} of {checks.Length} checks hold");
return failed.Count;

async Task WhenAliveAsync(int count)
{
    await foreach (var view in cluster.WatchViewsAsync(cancel))
    {
        if (Enumerable.Range(0, view.Ring.Shards.Count).Count(i => view.StatusOf(i) is { Alive: true }) == count)
        {
            return;
        }
    }
}
