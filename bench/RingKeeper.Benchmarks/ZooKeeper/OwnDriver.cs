using System.Diagnostics;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Benchmarks;

/// <summary>RingKeeper's client at the same work.</summary>
internal sealed class OwnDriver(ZooKeeperClient client, ZooKeeperClient other, string path) : IZooKeeperDriver
{
    private readonly byte[] _data = [.. Enumerable.Repeat((byte)'x', 100)];
    private int _created;
    private int _turn;

    public string Name => "RingKeeper";

    public int ProcessId => Environment.ProcessId;

    public async Task<double> SequenceAsync(string operation, int count)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            await DoAsync(operation, i);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public async Task<double> WindowAsync(string operation, int count, int outstanding)
    {
        var left = count;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, outstanding).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await DoAsync(operation, Interlocked.Increment(ref _turn));
            }
        })));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public async Task<IReadOnlyList<double>> WatchAsync(int count)
    {
        var times = new List<double>(count);
        for (var i = 0; i < count; i++)
        {
            var watched = await client.GetDataAndWatchAsync(path);
            var fired = FiredAsync(watched.Changed);
            var start = Stopwatch.GetTimestamp();
            var set = other.SetDataAsync(path, _data);
            times.Add(Stopwatch.GetElapsedTime(start, await fired).TotalNanoseconds);
            await set;
        }

        return times;

        static async Task<long> FiredAsync(Task changed)
        {
            await changed.ConfigureAwait(false);
            return Stopwatch.GetTimestamp();
        }
    }

    private ValueTask DoAsync(string operation, int turn) => operation switch
    {
        "get" => GetAsync(),
        "set" => SetAsync(),
        "create" => CreateAsync(),
        _ => (turn % 10) switch { 3 => SetAsync(), 7 => CreateAsync(), _ => GetAsync() },
    };

    private async ValueTask GetAsync() => await client.GetDataAsync(path);

    private async ValueTask SetAsync() => await client.SetDataAsync(path, _data);

    private async ValueTask CreateAsync() => await client.CreateAsync($"{path}/r{Environment.ProcessId}-{Interlocked.Increment(ref _created)}", _data);
}
