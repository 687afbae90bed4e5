using System.Diagnostics;
using System.Globalization;

namespace RingKeeper.Benchmarks;

/// <summary>What watching costs while nothing happens: three checkers over three shards, beside three Sentinels over three pairs, at the same time.</summary>
internal static class IdleBenchmark
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(TimeSpan duration)
    {
        Machine.Print();
        await using var ours = new RingKeeperStack();
        await using var sentinel = new SentinelStack();
        await ours.StartAsync();
        await sentinel.StartAsync();
        Console.WriteLine($"- {ours.Settings}");
        Console.WriteLine($"- {sentinel.Settings}");

        // Compilation in the background and the last of the start are not what is measured.
        await Task.Delay(Settling, TimeProvider.System);
        var before = await ReadAsync(ours, sentinel);
        await Task.Delay(duration, TimeProvider.System);
        var after = await ReadAsync(ours, sentinel);
        Print(before, after, ours.CheckerProcesses.Count);
    }

    private static async Task<Reading> ReadAsync(RingKeeperStack ours, SentinelStack sentinel)
    {
        var clock = Stopwatch.GetTimestamp();
        return new Reading(
            clock,
            [.. ours.CheckerProcesses.Select(ProcessFacts.ProcessorMilliseconds)],
            [.. sentinel.WatcherProcesses.Select(ProcessFacts.ProcessorMilliseconds)],
            await FourLetters.LastTransactionAsync(ours.ZKServers),
            [.. await Task.WhenAll(ours.ShardAddresses.Select(ShardTraffic.ReadAsync))],
            [.. await Task.WhenAll(sentinel.PrimaryAddresses.Select(ShardTraffic.ReadAsync))]);
    }

    private static void Print(Reading before, Reading after, int watchers)
    {
        var seconds = Stopwatch.GetElapsedTime(before.Clock, after.Clock).TotalSeconds;
        Console.WriteLine($"- {seconds.ToString("0", CultureInfo.InvariantCulture)} s; bytes are those of Redis' own count, without the headers of the network; a process's processor time is exact to 10 ms; the bytes of the primaries hold their replica's acknowledgements");
        Console.WriteLine();
        Console.WriteLine("| while nothing changes | checkers of RingKeeper | Sentinels |");
        Console.WriteLine("|---|---|---|");
        Row("processor, ms per second, each process", Each(before.Checkers, after.Checkers), Each(before.Sentinels, after.Sentinels));
        Row("writes to ZooKeeper a minute", Number((after.Transactions - before.Transactions) * 60 / seconds), "–");
        Row("commands a second, each watcher and shard", Rate(static grown => grown.Commands, before.Shards, after.Shards), Rate(static grown => grown.Commands, before.Primaries, after.Primaries));
        Row("bytes a second, each watcher and shard", Rate(static grown => grown.Bytes, before.Shards, after.Shards), Rate(static grown => grown.Bytes, before.Primaries, after.Primaries));

        string Each(IReadOnlyList<double> first, IReadOnlyList<double> last) => string.Join(", ", first.Zip(last, (one, other) => Number((other - one) / seconds)));

        string Rate(Func<(long Commands, long Bytes), long> count, IReadOnlyList<ShardTraffic> first, IReadOnlyList<ShardTraffic> last) =>
            Number(first.Zip(last, (earlier, later) => count(later.Since(earlier))).Average() / seconds / watchers);
    }

    private static void Row(string what, string ours, string theirs) => Console.WriteLine($"| {what} | {ours} | {theirs} |");

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    private sealed record Reading(
        long Clock, IReadOnlyList<double> Checkers, IReadOnlyList<double> Sentinels, long Transactions, IReadOnlyList<ShardTraffic> Shards, IReadOnlyList<ShardTraffic> Primaries);
}
