using System.Collections.Concurrent;
using System.Globalization;
using RingKeeper.Testing;
using StackExchange.Redis;

namespace RingKeeper.IntegrationTests.Faults;

/// <summary>
/// Clients that write and read registers through caches, every client any register, and note all of it for the <see cref="PromiseJudge"/>. Most work goes to a few
/// registers; many more are cold, so that a full shard evicts them.
/// </summary>
internal sealed class PromiseWorkload : IAsyncDisposable
{
    private const int HotRegisters = 60;
    private const int ColdRegisters = 2_000;
    private const int ColdPadding = 3_000;
    private const int WorkersPerClient = 3;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(2);

    private readonly (ZKCluster Cluster, VersionedCache Cache)[] _clients;
    private readonly ChangeLog _clock;
    private readonly int _seed;
    private readonly RegisterHistory[] _registers = [.. Enumerable.Range(0, HotRegisters + ColdRegisters).Select(i => new RegisterHistory(string.Create(CultureInfo.InvariantCulture, $"r{i}")))];
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, long> _errors = new(StringComparer.Ordinal);
    private readonly List<(long At, TaskCompletionSource Reached)> _waiters = [];
    private Task _running = Task.CompletedTask;
    private long _writes;
    private long _misses;
    private long _refused;
    private long _changed;

    public PromiseWorkload(IEnumerable<ZKCluster> clients, VersionedCacheOptions options, ChangeLog clock, int seed)
    {
        _clients = [.. clients.Select(client => (client, new VersionedCache(client, options)))];
        _clock = clock;
        _seed = seed;
    }

    public IReadOnlyList<RegisterHistory> Registers => _registers;

    public long Writes => Volatile.Read(ref _writes);

    public long Misses => Volatile.Read(ref _misses);

    /// <summary>Writes refused since a client with a newer view had written.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Compared writes that found another copy.</summary>
    public long Changed => Volatile.Read(ref _changed);

    /// <summary>Misses filled from the shard that served the key before.</summary>
    public long Fills => _clients.Sum(static client => client.Cache.Counters.Fills);

    public IReadOnlyDictionary<string, long> Errors => _errors;

    public void Start() => _running = Task.WhenAll(
        Enumerable.Range(0, _clients.Length * WorkersPerClient).Select(worker => Task.Run(() => WorkAsync(_clients[worker % _clients.Length], new Random(_seed + worker)))));

    /// <summary>Completes once so many more writes were acknowledged; fails if a worker does.</summary>
    public async Task WhenWrittenAsync(int count, CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiters)
        {
            _waiters.Add((_writes + count, reached));
        }

        await await Task.WhenAny(reached.Task, _running).WaitAsync(cancellationToken);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WorkAsync((ZKCluster Cluster, VersionedCache Cache) client, Random random)
    {
        while (!_stop.IsCancellationRequested)
        {
            var own = Pick(random);
            await TryAsync(() => ChangeAsync(client, own, random.Next(12)));
            await TryAsync(() => ReadAsync(client, Pick(random)));
            await TryAsync(() => ReadAsync(client, own));
            await TryAsync(() => ReadAsync(client, Pick(random)));
            await Task.Delay(Pace, TimeProvider.System, CancellationToken.None);
        }
    }

    private RegisterHistory Pick(Random random) => random.Next(10) < 8 ? _registers[random.Next(HotRegisters)] : _registers[HotRegisters + random.Next(ColdRegisters)];

    private async Task TryAsync(Func<Task> operation)
    {
        try
        {
            await operation();
        }
        catch (StaleViewException)
        {
            Interlocked.Increment(ref _refused);
        }
        catch (Exception e) when (RegisterWorkload.IsOutage(e))
        {
            _errors.AddOrUpdate(e.GetType().Name, 1, static (_, count) => count + 1);
        }
    }

    private Task ChangeAsync((ZKCluster Cluster, VersionedCache Cache) client, RegisterHistory register, int choice) => choice switch
    {
        0 => RemoveAsync(client, register),
        < 4 => CompareAsync(client, register),
        _ => WriteAsync(client, register),
    };

    // A write of nothing: what was there before is older.
    private async Task RemoveAsync((ZKCluster Cluster, VersionedCache Cache) client, RegisterHistory register)
    {
        var number = register.Begin(_clock.Now, ViewVersions.Of(client.Cluster.View));
        await client.Cache.RemoveAsync(register.Key);
        Acknowledge(register, number);
    }

    private async Task WriteAsync((ZKCluster Cluster, VersionedCache Cache) client, RegisterHistory register)
    {
        var number = register.Begin(_clock.Now, ViewVersions.Of(client.Cluster.View));
        await client.Cache.SetAsync(register.Key, Text(register, number));
        Acknowledge(register, number);
    }

    private async Task CompareAsync((ZKCluster Cluster, VersionedCache Cache) client, RegisterHistory register)
    {
        var token = (await ReadAsync(client, register)).Token;
        var number = register.Begin(_clock.Now, ViewVersions.Of(client.Cluster.View));
        var result = await client.Cache.CheckAndSetAsync(register.Key, Text(register, number), token);
        if (result.IsSet)
        {
            Acknowledge(register, number);
        }
        else
        {
            Interlocked.Increment(ref _changed);
        }
    }

    private async Task<CacheResult<string>> ReadAsync((ZKCluster Cluster, VersionedCache Cache) client, RegisterHistory register)
    {
        var (begun, view) = (_clock.Now, ViewVersions.Of(client.Cluster.View));
        var result = await client.Cache.GetAsync<string>(register.Key);
        if (result.IsHit)
        {
            register.NoteRead(NumberIn(register, result.Value!), begun, _clock.Now, view);
        }
        else
        {
            Interlocked.Increment(ref _misses);
        }

        return result;
    }

    private void Acknowledge(RegisterHistory register, int number)
    {
        register.Acknowledge(number, _clock.Now);
        var writes = Interlocked.Increment(ref _writes);
        lock (_waiters)
        {
            _waiters.RemoveAll(waiter => waiter.At <= writes && waiter.Reached.TrySetResult());
        }
    }

    private string Text(RegisterHistory register, int number)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{register.Key}:{number}:");
        return Array.IndexOf(_registers, register, 0, HotRegisters) < 0 ? text.PadRight(ColdPadding, '.') : text;
    }

    private static int NumberIn(RegisterHistory register, string text) =>
        text.Split(':') is [var key, var number, _] && key == register.Key && int.TryParse(number, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1;
}
