using RingKeeper;
using RingKeeper.Testing;

await using var test = await RingKeeperTestCluster.StartAsync(new RingKeeperTestClusterOptions { ClusterName = "orders" });
var servers = test.ZKServers;

// From here to the checks stands the README's code, but for the addresses of ZooKeeper.
await using var cluster = await ZKCluster.ConnectAsync(servers, "orders");

// The whole ring as one IDatabase of StackExchange.Redis: each call goes to the shard that serves its key now.
var db = cluster.GetDatabase();
await db.StringSetAsync("order:1000", "paid");

// A cache that never serves a stale copy, whatever dies, returns, restarts or moves.
var cache = new VersionedCache(cluster);
var total = await cache.GetOrCreateAsync("total:7", cancel => new ValueTask<int>(42));

// The route itself: the shard, and the epoch to keep with a value; route.IsValid judges a copy by it.
var route = await cluster.ConnectAsync("order:1000");
Console.WriteLine($"order:1000 is on {route.Shard.Name} since {route.ValidSince}");

// Again on the heir when the shard dies meanwhile, within ten seconds; what may not be repeated never is.
var paid = await cluster.ExecuteAsync("order:1000", r => r.Database.StringGetAsync("order:1000"));

// Records that must not be split between shards never leave their owner; while it is away this throws.
var jobs = cluster.GetDatabase(RoutePolicy.OwnerOnly);
await jobs.ListRightPushAsync("job:7", "ship");

// Shards join and leave while clients run.
await using var manager = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = servers });
var orders = await manager.GetClusterAsync("orders");
await manager.UpdateClusterAsync(orders with { Shards = [.. orders.Shards, new Shard("d", "10.0.0.4:6379")] });

// The checks: what does not hold is written to standard error, and the exit code counts it.
var view = await RingKeeperTestCluster.WaitForAsync(cluster, view => view.Ring.Shards.Count > orders.Shards.Count);
(string What, bool Holds)[] checks =
[
    ("GetDatabase wrote to the shard that the route names", await route.Database.StringGetAsync("order:1000") == "paid"),
    ("ExecuteAsync read it", paid == "paid"),
    ("the cache loaded the value and keeps it", total == 42 && (await cache.GetAsync<int>("total:7")).Value == 42),
    ("the list is kept by its owner", await jobs.ListGetByIndexAsync("job:7", 0) == "ship"),
    ("a running client has learnt of the new shard", view.Ring.Shards.Any(shard => shard.Name == "d")),
];
var failed = checks.Where(check => !check.Holds).ToList();
failed.ForEach(check => Console.Error.WriteLine($"Wrong: {check.What}"));
Console.WriteLine($"{checks.Length - failed.Count} of {checks.Length} checks hold");
return failed.Count;
