using System.Diagnostics;

namespace RingKeeper.Benchmarks;

/// <summary>
/// Times failover side by side: RingKeeper, Sentinel and Redis Cluster, all up at once, broken in turn, round after round, so that whatever else
/// the machine does strikes all alike. From the fault until a client has written a key of the lost server and read it back.
/// </summary>
internal sealed class FailoverBenchmark : IAsyncDisposable
{
    private const string ReturnRow = "return after restart";

    private static readonly (string Row, Fault Fault, double? Most)[] Faults =
    [
        ("SIGKILL", Fault.ShardKilled, 0.30),
        ("SIGSTOP", Fault.ShardHung, 1.40),
        ("SIGKILL of shard and leader", Fault.ShardAndLeaderKilled, 1.50),
    ];

    private readonly IFailoverStack[] _stacks = [new RingKeeperStack(), new SentinelStack(), new RedisClusterStack()];
    private readonly FailoverTimes _times = new();
    private readonly Random _random = new();

    public static async Task RunAsync(int rounds)
    {
        Machine.Print();
        await using var benchmark = new FailoverBenchmark();
        await benchmark.MeasureAsync(rounds);
        Console.WriteLine();
        foreach (var stack in benchmark._stacks)
        {
            Console.WriteLine($"- {stack.Settings}");
        }

        Console.WriteLine($"- {PeerClient.Settings}");
        Console.WriteLine($"- a new attempt every 5 ms in each column, the client's own limits otherwise; {rounds} rounds; seconds, median (fastest..slowest)");
        Console.WriteLine();
        Console.Write(benchmark._times.Table([.. benchmark._stacks.SelectMany(static stack => stack.Columns)], [.. Targets()]));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stack in _stacks)
        {
            await stack.DisposeAsync();
        }
    }

    private static IEnumerable<(string Row, double? Most)> Targets() => [.. Faults.Select(static fault => (fault.Row, fault.Most)), (ReturnRow, 0.60)];

    private async Task MeasureAsync(int rounds)
    {
        foreach (var stack in _stacks)
        {
            await stack.StartAsync();
        }

        var order = _stacks.ToArray();
        string[] columns = [.. _stacks.SelectMany(static stack => stack.Columns)];
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var (row, fault, _) in Faults)
            {
                // In another order each time: none always comes after the same other.
                _random.Shuffle(order);
                foreach (var stack in order.Where(stack => stack.Knows(fault)))
                {
                    try
                    {
                        await MeasureAsync(stack, row, fault);
                    }
                    catch (TimeoutException e)
                    {
                        throw new TimeoutException($"{e.Message}{Environment.NewLine}{await stack.ExplainAsync()}", e);
                    }
                }
            }

            Console.WriteLine($"round {round} of {rounds}: {_times.Last(columns)}");
        }
    }

    private async Task MeasureAsync(IFailoverStack stack, string row, Fault fault)
    {
        var round = await stack.PrepareAsync();

        // At any moment between two probes.
        await Task.Delay(TimeSpan.FromSeconds(_random.NextDouble()), TimeProvider.System);
        var clock = Stopwatch.StartNew();
        await stack.BreakAsync(fault);
        var times = await Task.WhenAll(round.Away.Select((attempt, i) => FirstAnswer.TimeAsync(clock, $"{stack.Columns[i]}, {row}", attempt)));
        foreach (var (column, time) in stack.Columns.Zip(times))
        {
            _times.Add(row, column, time);
        }

        clock.Restart();
        await stack.MendAsync(fault);
        if (round.Home is { } home)
        {
            var time = await FirstAnswer.TimeAsync(clock, $"{stack.Columns[0]}, {ReturnRow}", home);
            if (fault == Fault.ShardKilled)
            {
                _times.Add(ReturnRow, stack.Columns[0], time);
            }
        }
    }
}
