using FusionCacheBackplane;
using RingKeeper;
using RingKeeper.Testing;
using ZiggyCreatures.Caching.Fusion;

// On a cluster of yours: the ZooKeeper servers and its name. Without arguments, on one of its own in this process.
await using var test = args.Length == 2 ? null : await RingKeeperTestCluster.StartAsync();
await using var cluster = test is null ? await ZKCluster.ConnectAsync(args[0], args[1]) : await test.ConnectAsync();

// Two caches that know each other only over the ring, as in two processes.
await using var here = await Node.StartAsync(cluster);
await using var there = await Node.StartAsync(cluster);
await there.Cache.SetAsync("price:7", "old");
await here.Cache.SetAsync("price:8", "untouched");
var heard = new TaskCompletionSource();
there.Cache.Events.Memory.Remove += (_, e) => heard.TrySetResult();
there.Cache.Events.Memory.Expire += (_, e) => heard.TrySetResult();

await here.Cache.SetAsync("price:7", "new");
await heard.Task.WaitAsync(TimeSpan.FromSeconds(10));
Console.WriteLine($"here: {await here.Cache.GetOrDefaultAsync<string>("price:7")}");
Console.WriteLine($"there: {await there.Cache.GetOrDefaultAsync("price:7", "nothing old")}");
