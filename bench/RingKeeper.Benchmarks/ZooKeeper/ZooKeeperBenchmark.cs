using System.Diagnostics;
using System.Globalization;
using System.Net;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Benchmarks;

/// <summary>
/// RingKeeper's ZooKeeper client beside the C client and kazoo, each in its own way of working fast, on one Apache ZooKeeper. The clients take turns, some
/// tenths of a second each, over many rounds, so that whatever else the machine does strikes all alike; ratios are of medians.
/// </summary>
internal static class ZooKeeperBenchmark
{
    private const int Outstanding = 100;
    private const int Sessions = 1000;

    // The server lets 50 connections wait to be accepted; more would be dropped by the system, and tried again a second later.
    private const int Opening = 50;
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(0.4);

    public static async Task RunAsync(int rounds)
    {
        Machine.Print();
        await using var server = await ApacheZooKeeper.StartForSpeedAsync();
        Console.WriteLine($"Apache ZooKeeper 3.8 of Debian, one server on loopback, forceSync=no, -Xmx1g, serial collector; 100 bytes a znode; {rounds} rounds of {Slice.TotalSeconds:0.0} s a client, in turn.");
        Console.WriteLine("no client: frames made beforehand, replies counted and not read; the ceiling. ratio: to the better of the C client and kazoo.");
        Console.WriteLine("server: processors of its own while the client works; client: the same of the client's process.");
        Console.WriteLine();
        var folder = Directory.CreateTempSubdirectory("zkbench");
        try
        {
            await using var client = await ZooKeeperClient.ConnectAsync(OptionsOf(server));
            await using var other = await ZooKeeperClient.ConnectAsync(OptionsOf(server));
            await client.CreateAsync("/bench", new byte[100]);
            await using var c = await PeerDriver.StartCAsync(server.ConnectString, "/bench", folder.FullName);
            await using var kazoo = await PeerDriver.StartKazooAsync(server.ConnectString, "/bench");
            using var ceiling = await CeilingDriver.StartAsync(IPEndPoint.Parse(server.ConnectString), "/bench");
            IZooKeeperDriver[] drivers = [new OwnDriver(client, other, "/bench"), c, kazoo];

            await CompareAsync(server, [.. drivers, ceiling], rounds);
            await WatchAsync(drivers, rounds);
            await AllocateAsync(client);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        await ManyAsync(server);
    }

    private static ZooKeeperClientOptions OptionsOf(ApacheZooKeeper server) => new() { ConnectString = server.ConnectString, SessionTimeout = TimeSpan.FromSeconds(30) };

    private static async Task CompareAsync(ApacheZooKeeper server, IZooKeeperDriver[] drivers, int rounds)
    {
        Console.WriteLine($"{"operations a second",-26}{string.Concat(drivers.Select(static d => $"{d.Name,14}"))}{"ratio",10}   server (client) of each");
        foreach (var outstanding in (int[])[1, Outstanding])
        {
            foreach (var operation in (string[])["get", "set", "create", "mixed"])
            {
                var figures = drivers.Select(static _ => new List<(double Rate, double Server, double Client)>()).ToList();
                var counts = new int[drivers.Length];
                for (var round = -2; round < rounds; round++)
                {
                    for (var i = 0; i < drivers.Length; i++)
                    {
                        // The first rounds warm up, and find how many operations fill a slice.
                        var count = counts[i] == 0 ? 500 : counts[i];
                        var (serverBefore, clientBefore) = (CpuOf(server.ProcessId), CpuOf(drivers[i].ProcessId));
                        var seconds = outstanding == 1 ? await drivers[i].SequenceAsync(operation, count) : await drivers[i].WindowAsync(operation, count, outstanding);
                        counts[i] = Math.Max(100, (int)(count / seconds * Slice.TotalSeconds));
                        if (round >= 0)
                        {
                            figures[i].Add((count / seconds, (CpuOf(server.ProcessId) - serverBefore) / seconds, (CpuOf(drivers[i].ProcessId) - clientBefore) / seconds));
                        }
                    }
                }

                var rates = figures.Select(static f => MedianOf(f.Select(static x => x.Rate))).ToList();
                var name = outstanding == 1 ? $"{operation}, sequential" : $"{operation}, {outstanding} outstanding";
                Console.WriteLine(
                    $"{name,-26}{string.Concat(rates.Select(static r => Text($"{r,14:0}")))}{Text($"{rates[0] / Math.Max(rates[1], rates[2]),10:0.00}")}   "
                    + string.Join("  ", figures.Select(static f => Text($"{MedianOf(f.Select(static x => x.Server)):0.00} ({MedianOf(f.Select(static x => x.Client)):0.00})"))));
            }
        }

        Console.WriteLine();
    }

    private static async Task WatchAsync(IZooKeeperDriver[] drivers, int rounds)
    {
        Console.WriteLine($"{"set to handler, us",-26}{string.Concat(drivers.Select(static d => $"{d.Name,14}"))}");
        var times = drivers.Select(static _ => new List<double>()).ToList();
        for (var round = -1; round < rounds; round++)
        {
            for (var i = 0; i < drivers.Length; i++)
            {
                var some = await drivers[i].WatchAsync(200);
                if (round >= 0)
                {
                    times[i].AddRange(some);
                }
            }
        }

        foreach (var (name, share) in ((string, double)[])[("p50", 0.5), ("p99", 0.99)])
        {
            Console.WriteLine($"{name,-26}{string.Concat(times.Select(t => Text($"{QuantileOf(t, share) / 1000,14:0}")))}");
        }

        Console.WriteLine();
    }

    private static async Task AllocateAsync(ZooKeeperClient client)
    {
        const int Count = 20_000;
        var data = new byte[100];
        foreach (var operation in (string[])["get", "set", "exists", "create"])
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Count; i++)
            {
                switch (operation)
                {
                    case "get":
                        await client.GetDataAsync("/bench");
                        break;
                    case "set":
                        await client.SetDataAsync("/bench", data);
                        break;
                    case "exists":
                        await client.ExistsAsync("/bench");
                        break;
                    default:
                        await client.CreateAsync("/bench/n", data, CreateMode.PersistentSequential);
                        break;
                }
            }

            Console.WriteLine(Text($"{operation,-8}allocates {(GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Count,6:0.0} B an operation"));
        }

        Console.WriteLine("A get of 100 bytes hands over an array of 124, a create the path as a string.");
        Console.WriteLine();
    }

    private static async Task ManyAsync(ApacheZooKeeper server)
    {
        // Once to warm up; the second time counts.
        for (var pass = 0; pass < 2; pass++)
        {
            var clients = new List<ZooKeeperClient>(Sessions);
            try
            {
                var start = Stopwatch.GetTimestamp();
                await Parallel.ForEachAsync(Enumerable.Range(0, Sessions), new ParallelOptions { MaxDegreeOfParallelism = Opening }, async (_, _) =>
                {
                    var client = await ZooKeeperClient.ConnectAsync(OptionsOf(server), CancellationToken.None);
                    lock (clients)
                    {
                        clients.Add(client);
                    }
                });
                var opened = Stopwatch.GetElapsedTime(start);
                var told = new List<double>();
                for (var round = 0; round < 5; round++)
                {
                    var watches = await Task.WhenAll(clients.Select(static c => c.GetDataAndWatchAsync("/bench").AsTask()));
                    start = Stopwatch.GetTimestamp();
                    var set = clients[0].SetDataAsync("/bench", new byte[100]);
                    await Task.WhenAll(watches.Select(static w => w.Changed));
                    told.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    await set;
                }

                if (pass > 0)
                {
                    Console.WriteLine(Text($"{Sessions} sessions of one process, {Opening} at a time, opened in {opened.TotalSeconds:0.00} s; all told of one change in {told.Min():0} to {told.Max():0} ms, median {MedianOf(told):0} ms of {told.Count} rounds"));
                }
            }
            finally
            {
                await Task.WhenAll(clients.Select(static c => c.DisposeAsync().AsTask()));
            }
        }
    }

    // Seconds of processor time a process used so far; utime and stime count in hundredths of a second.
    private static double CpuOf(int processId)
    {
        var stat = File.ReadAllText($"/proc/{processId}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    }

    private static double MedianOf(IEnumerable<double> values) => QuantileOf(values, 0.5);

    private static double QuantileOf(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
