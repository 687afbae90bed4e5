using System.Diagnostics;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.Testing;

namespace RingKeeper.Benchmarks;

/// <summary>
/// Times failover on Apache ZooKeeper, redis-server and three checker processes: from the fault until a key of the lost shard was written
/// and read back elsewhere, and from the cure until it was at home again. A client tries every 2 ms.
/// </summary>
internal static class FailoverBenchmark
{
    private const string Victim = "shard2";
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(int rounds)
    {
        var random = new Random();
        await using var stack = new RealStack { Interval = TimeSpan.FromSeconds(1), Threshold = TimeSpan.FromSeconds(2), SessionTimeout = TimeSpan.FromSeconds(4) };
        await stack.StartAsync();
        var client = await stack.ConnectAsync();
        var key = Views.KeyOf(client.View.Ring, Victim);
        Console.WriteLine($"interval {stack.Interval.TotalSeconds} s, threshold {stack.Threshold.TotalSeconds} s, 3 checkers, {rounds} rounds a fault, seconds");
        foreach (var hangs in new[] { false, true })
        {
            var away = new List<double>();
            var home = new List<double>();
            for (var round = 0; round < rounds; round++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1000)), TimeProvider.System);
                away.Add(await TimeAsync(client, key, () => hangs ? HangAsync(stack) : stack.Shards[Victim].KillAsync(), name => name != Victim));
                home.Add(await TimeAsync(client, key, () => hangs ? ResumeAsync(stack) : stack.Shards[Victim].RestartAsync(), name => name == Victim));

                // Long enough for the penalty of the last death to be worked off, so that every round is alike.
                await Task.Delay(stack.Interval * 6, TimeProvider.System);
            }

            Console.WriteLine($"{(hangs ? "SIGSTOP" : "SIGKILL")}  fail over: {Describe(away)}   return: {Describe(home)}");
        }
    }

    private static async Task<double> TimeAsync(ZKCluster client, string key, Func<Task> act, Func<string, bool> isWanted)
    {
        var clock = Stopwatch.StartNew();
        await act();
        while (clock.Elapsed < Patience)
        {
            var name = "";
            var attempt = RegisterWorkload.TryRoundTripAsync(client, key, shard => name = shard.Name);
            if (await attempt && isWanted(name))
            {
                return clock.Elapsed.TotalSeconds;
            }

            await Task.Delay(Pace, TimeProvider.System);
        }

        throw new TimeoutException($"Not served as wanted within {Patience}.");
    }

    private static Task HangAsync(RealStack stack)
    {
        stack.Shards[Victim].Hang();
        return Task.CompletedTask;
    }

    private static Task ResumeAsync(RealStack stack)
    {
        stack.Shards[Victim].Resume();
        return Task.CompletedTask;
    }

    private static string Describe(List<double> times)
    {
        times.Sort();
        return $"median {times[times.Count / 2]:0.000} ({times[0]:0.000}..{times[^1]:0.000})";
    }
}
