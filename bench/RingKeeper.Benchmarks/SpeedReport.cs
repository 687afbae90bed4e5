using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>All targets of speed in one table, each beside its baseline of the same run, in about two minutes.</summary>
internal static class SpeedReport
{
    private const int BuiltShards = 1000;
    private static readonly TimeSpan GetTime = TimeSpan.FromSeconds(5);

    public static async Task RunAsync()
    {
        Machine.Print();

        // First of all, while nothing is compiled yet: what a client pays at its start.
        var cold = Build(RingTypes.Consistent);
        Console.WriteLine(SpeedTarget.Header);
        await PrintAsync(OwnersAsync());
        await PrintAsync(RoutesAsync());
        await PrintAsync(OtherRingsAsync());
        Print(Builds(cold));
        await using var get = await GetBenchmark.StartAsync();
        await foreach (var ratio in get.CompareAsync(GetTime))
        {
            Console.WriteLine(SpeedTarget.Of(ratio));
        }
    }

    private static async Task<IEnumerable<SpeedTarget>> OwnersAsync()
    {
        var keys = SampleKeys.Bytes();
        var lines = new List<SpeedTarget>();
        foreach (var points in new[] { 12, 2560, 16000 })
        {
            var ring = SampleRings.OfPoints(points);
            var (goLike, binary, modulo) = (new GoLikeRing(ring), new BinarySearchRing(ring), new NaiveModulo(ring));
            var figures = await Meter.MeasureAsync(
                new Work("ring", SampleKeys.Window, call => LookupLoops.Owners(ring, SampleKeys.Of(keys, call))),
                new Work("go", SampleKeys.Window, call => LookupLoops.Owners(goLike, SampleKeys.Of(keys, call))),
                new Work("binary", SampleKeys.Window, call => LookupLoops.Owners(binary, SampleKeys.Of(keys, call))),
                new Work("modulo", SampleKeys.Window, call => LookupLoops.Owners(modulo, SampleKeys.Of(keys, call))));
            lines.Add(SpeedTarget.Of($"owner of 16 bytes, {points} points", 6, figures["ring"]));
            lines.Add(SpeedTarget.Of("  as Go's package searches, in C#", figures["go"]));
            lines.Add(SpeedTarget.Of("  Array.BinarySearch", figures["binary"]));
            lines.Add(SpeedTarget.Of("  no ring: CRC-32 % shards", figures["modulo"]));
        }

        foreach (var length in new[] { 8, 11, 15, 23, 40 })
        {
            var other = SampleKeys.Bytes(length: length);
            var ring = SampleRings.OfPoints(2560);
            var modulo = new NaiveModulo(ring);
            var figures = await Meter.MeasureAsync(
                new Work("ring", SampleKeys.Window, call => LookupLoops.Owners(ring, SampleKeys.Of(other, call))),
                new Work("modulo", SampleKeys.Window, call => LookupLoops.Owners(modulo, SampleKeys.Of(other, call))));
            lines.Add(SpeedTarget.Of($"owner of {length} bytes, 2560 points", figures["ring"]));
            lines.Add(SpeedTarget.Of("  no ring: CRC-32 % shards", figures["modulo"]));
        }

        return lines;
    }

    private static async Task<IEnumerable<SpeedTarget>> RoutesAsync()
    {
        var bytes = SampleKeys.Bytes();
        RedisKey[] bytesKeys = [.. bytes.Select(static key => (RedisKey)key)];
        RedisKey[] textKeys = [.. SampleKeys.Texts().Select(static key => (RedisKey)key)];
        var lines = new List<SpeedTarget>();
        foreach (var shards in new[] { 3, 16, 100 })
        {
            var ring = SampleRings.Build(RingTypes.Consistent, shards);
            await using var host = await Unconnected.HostAsync(SampleRings.View(ring));

            // Every tenth shard, so that many keys move however many shards there are.
            await using var ownerDead = await Unconnected.HostAsync(SampleRings.View(ring, static shard => shard % 10 == 0));
            byte[][] moved = [.. bytes.Where(key => ring.GetOwner(key) % 10 == 0)];
            var figures = await Meter.MeasureAsync(
                new Work("owner", SampleKeys.Window, call => LookupLoops.Owners(ring, SampleKeys.Of(bytes, call))),
                new Work("owner of text", SampleKeys.Window, call => LookupLoops.Owners(ring, SampleKeys.Of(textKeys, call))),
                new Work("try", SampleKeys.Window, call => LookupLoops.TryRoutes(host, SampleKeys.Of(bytes, call))),
                new Work("connect", SampleKeys.Window, call => LookupLoops.Connects(host, SampleKeys.Of(bytesKeys, call))),
                new Work("connect text", SampleKeys.Window, call => LookupLoops.Connects(host, SampleKeys.Of(textKeys, call))),
                new Work("moved", Math.Min(SampleKeys.Window, moved.Length), call => LookupLoops.TryRoutes(ownerDead, SampleKeys.Of(moved, call))));
            lines.Add(SpeedTarget.Of($"owner of a text of 16, {shards} x 160 points", 25, figures["owner of text"]));
            lines.Add(Route("TryRoute(span)", "owner", "try"));
            lines.Add(Route("ConnectAsync(bytes)", "owner", "connect"));
            lines.Add(Route("ConnectAsync(text)", "owner of text", "connect text"));
            lines.Add(SpeedTarget.Of("  TryRoute, owner dead", figures["moved"]));

            SpeedTarget Route(string name, string without, string whole) => new(
                $"  {name} beyond the owner",
                "<= 15 ns more, 0 B",
                $"+{figures[whole].Nanoseconds - figures[without].Nanoseconds:0.0} ns: {SpeedTarget.Text(figures[whole])}",
                figures[whole].Nanoseconds - figures[without].Nanoseconds <= 15 && figures[whole].Bytes == 0);
        }

        return lines;
    }

    private static async Task<IEnumerable<SpeedTarget>> OtherRingsAsync()
    {
        var keys = SampleKeys.Bytes();
        (string Name, HashRing Ring)[] rings =
        [
            ("Ketama, fnv1a_64, 16 x 160 points", SampleRings.Build(RingTypes.Ketama, 16)),
            ("Rendezvous, 3 shards", SampleRings.Build(RingTypes.Rendezvous, 3)),
            ("Rendezvous, 16 shards", SampleRings.Build(RingTypes.Rendezvous, 16)),
            ("Rendezvous, 100 shards", SampleRings.Build(RingTypes.Rendezvous, 100)),
            ("ConsistentTagged, 16 x 160 points, keys without a tag", SampleRings.Build(RingTypes.ConsistentTagged, 16, tag: "{}")),
        ];
        var figures = await Meter.MeasureAsync([.. rings.Select(ring => new Work(ring.Name, SampleKeys.Window, call => LookupLoops.Owners(ring.Ring, SampleKeys.Of(keys, call))))]);
        return rings.Select(ring => SpeedTarget.Of($"owner of 16 bytes, {ring.Name}", figures[ring.Name]));
    }

    private static IEnumerable<SpeedTarget> Builds(BuildTime cold)
    {
        foreach (var type in new[] { RingTypes.Consistent, RingTypes.Ketama, RingTypes.Rendezvous })
        {
            var builds = Enumerable.Range(0, 15).Select(_ => Build(type)).ToList();
            var (wall, processor) = (Meter.Describe([.. builds.Select(static build => build.Wall)], 0), Meter.Describe([.. builds.Select(static build => build.Processor)], 0));
            yield return Line($"view of {BuiltShards} shards, {type}", new BuildTime(wall.Nanoseconds, processor.Nanoseconds, builds[^1].Kept));
        }

        yield return Line($"view of {BuiltShards} shards, Consistent, first of the process", cold);

        // A view is built in one go on one thread, so that what it takes of a processor is what it takes on an idle machine.
        static SpeedTarget Line(string what, BuildTime time) => new(
            what,
            "<= 60 ms",
            string.Create(CultureInfo.InvariantCulture, $"{time.Processor:0.0} ms of processor, {time.Wall:0.0} of wall, keeps {time.Kept / 1024} KiB"),
            time.Processor <= 60);
    }

    // From the list of shards on; what was read from ZooKeeper is there already.
    private static BuildTime Build(string type)
    {
        var shards = SampleRings.Shards(BuiltShards);
        var statuses = shards.Select(static shard => new ShardStatus(shard.Addr, true, 1)).ToDictionary(static status => status.Addr, StringComparer.Ordinal);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var used = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        var view = new ClusterView(RingTypes.CreateBuilder(type, "160").Build(shards), true, 1, 1, 1, statuses);
        var wall = Stopwatch.GetElapsedTime(start);
        var processor = Environment.CpuUsage.TotalTime - used;
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(view);
        return new BuildTime(wall.TotalMilliseconds, processor.TotalMilliseconds, kept);
    }

    private static async Task PrintAsync(Task<IEnumerable<SpeedTarget>> lines) => Print(await lines);

    private static void Print(IEnumerable<SpeedTarget> lines)
    {
        foreach (var line in lines)
        {
            Console.WriteLine(line);
        }
    }

    private sealed record BuildTime(double Wall, double Processor, long Kept);
}
