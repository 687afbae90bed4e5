using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;

namespace RingKeeper.Testing;

/// <summary>
/// Writes and reads registers through clients of a cluster, each with a view of its own, and judges every read: is it older than a write
/// that was acknowledged before the read began, under a view that the reader had seen?
/// </summary>
internal sealed class RegisterWorkload : IAsyncDisposable
{
    private const int MaxExamples = 10;
    private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(10);

    private readonly IReadOnlyList<ZKCluster> _clients;
    private readonly Register[] _registers;
    private readonly TimeProvider _time;
    private readonly TimeSpan _pace;
    private readonly int _seed;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, long> _errors = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _broken = new();
    private readonly long[] _judged = new long[Enum.GetValues<Judgement>().Length];
    private readonly List<(Func<Register, Shard, ClusterView, bool> IsWanted, TaskCompletionSource Reached)> _waiters = [];
    private Task _running = Task.CompletedTask;
    private long _writes;
    private long _refused;
    private long _misses;

    /// <summary>Prepares a workload; <see cref="Start"/> begins it.</summary>
    /// <param name="clients">The clients; each register has one of them as its only writer.</param>
    /// <param name="prefix">The prefix of its keys.</param>
    /// <param name="registers">How many registers.</param>
    /// <param name="pace">The pause of a worker between two operations.</param>
    /// <param name="seed">The seed of its choices.</param>
    /// <param name="time">The clock.</param>
    public RegisterWorkload(IReadOnlyList<ZKCluster> clients, string prefix, int registers, TimeSpan pace, int seed, TimeProvider time)
    {
        _clients = clients;
        _registers = [.. Enumerable.Range(0, registers).Select(i => new Register(string.Create(CultureInfo.InvariantCulture, $"{prefix}{i}")))];
        _pace = pace;
        _seed = seed;
        _time = time;
    }

    public IReadOnlyList<Register> Registers => _registers;

    /// <summary>What was done so far.</summary>
    public WorkloadCounts Counts => new(
        Volatile.Read(ref _writes),
        Volatile.Read(ref _refused),
        Volatile.Read(ref _misses),
        Of(Judgement.Fresh),
        Of(Judgement.Outdated),
        Of(Judgement.Lagging),
        Of(Judgement.Stale),
        Of(Judgement.Wrong),
        new SortedDictionary<string, long>(_errors, StringComparer.Ordinal),
        [.. _broken]);

    public void Start() =>
        _running = Task.WhenAll(Enumerable.Range(0, _clients.Count).Select(worker => Task.Run(() => WorkAsync(worker, _stop.Token))));

    /// <summary>Completes once so many more writes were acknowledged.</summary>
    public Task WhenWrittenAsync(int count)
    {
        var at = Volatile.Read(ref _writes) + count;
        return WhenWrittenAsync((_, _, _) => Volatile.Read(ref _writes) >= at);
    }

    /// <summary>Completes with the next acknowledged write of such a register on such a shard under such a view.</summary>
    public Task WhenWrittenAsync(Func<Register, Shard, ClusterView, bool> isWanted)
    {
        lock (_waiters)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((isWanted, reached));
            return reached.Task;
        }
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    /// <summary>Writes one register through a client, then reads it back; true if both worked and the read was fresh.</summary>
    public static async Task<bool> TryRoundTripAsync(ZKCluster client, string key, Action<Shard> servedBy)
    {
        try
        {
            var route = await client.ConnectAsync(key).ConfigureAwait(false);
            var value = Guid.NewGuid().ToString();
            await route.Database.StringSetAsync(key, value, Expiry).ConfigureAwait(false);
            servedBy(route.Shard);
            return await route.Database.StringGetAsync(key).ConfigureAwait(false) == value;
        }
        catch (Exception e) when (IsOutage(e))
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private long Of(Judgement judgement) => Volatile.Read(ref _judged[(int)judgement]);

    private async Task WorkAsync(int worker, CancellationToken cancellationToken)
    {
        var random = new Random(_seed + worker);
        var own = _registers.Where((_, i) => i % _clients.Count == worker).ToArray();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await WriteAsync(_clients[worker], own[random.Next(own.Length)]).ConfigureAwait(false);
                await ReadAsync(_clients[random.Next(_clients.Count)], _registers[random.Next(_registers.Length)]).ConfigureAwait(false);
                await ReadAsync(_clients[worker], own[random.Next(own.Length)]).ConfigureAwait(false);
            }
            catch (Exception e) when (IsOutage(e))
            {
                _errors.AddOrUpdate(e.GetType().Name, 1, (_, count) => count + 1);
            }

            await Task.Delay(_pace, _time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void Reach(Register register, Shard shard, ClusterView view)
    {
        lock (_waiters)
        {
            _waiters.RemoveAll(w => w.IsWanted(register, shard, view) && w.Reached.TrySetResult());
        }
    }

    private async Task WriteAsync(ZKCluster client, Register register)
    {
        var (route, view) = await RouteAsync(client, register).ConfigureAwait(false);
        var number = register.BeginWrite();
        var written = await route.Database.ScriptEvaluateAsync(
            Register.WriteScript, [register.Key], [register.Copy(route.ValidSince, number), (long)Expiry.TotalMilliseconds]).ConfigureAwait(false);
        if ((int)written == 1)
        {
            register.Acknowledge(number, view);
            Interlocked.Increment(ref _writes);
            Reach(register, route.Shard, view);
        }
        else
        {
            Interlocked.Increment(ref _refused);
        }
    }

    private async Task ReadAsync(ZKCluster client, Register register)
    {
        var before = register.LastAcknowledged;
        var (route, view) = await RouteAsync(client, register).ConfigureAwait(false);
        if (route.ReadsAreMisses)
        {
            Interlocked.Increment(ref _misses);
            return;
        }

        var copy = (string?)await route.Database.StringGetAsync(register.Key).ConfigureAwait(false);
        if (copy is null)
        {
            Interlocked.Increment(ref _misses);
            return;
        }

        var judgement = register.Judge(copy, route.ValidSince, view, before);
        Interlocked.Increment(ref _judged[(int)judgement]);
        if (judgement is Judgement.Stale or Judgement.Wrong && _broken.Count < MaxExamples)
        {
            _broken.Enqueue($"{judgement}: read '{copy}' from {route.Shard.Name} under epoch {route.ValidSince:x16}, view {view.TopologyVersion}/{view.StatusVersion}; acknowledged before: {before}");
        }
    }

    // The route and the view it came from.
    private static async Task<(ShardRoute Route, ClusterView View)> RouteAsync(ZKCluster client, Register register)
    {
        while (true)
        {
            var view = client.View;
            var route = await client.ConnectAsync(register.KeyBytes).ConfigureAwait(false);
            if (ReferenceEquals(view, client.View))
            {
                return (route, view);
            }
        }
    }

    /// <summary>Whether a client may fail so while a shard is lost or comes back.</summary>
    public static bool IsOutage(Exception e) => e is RedisException or RedisTimeoutException or RingKeeperException or ObjectDisposedException;
}

/// <summary>What a <see cref="RegisterWorkload"/> did.</summary>
internal sealed record WorkloadCounts(
    long Writes,
    long WritesRefused,
    long Misses,
    long Fresh,
    long Outdated,
    long Lagging,
    long Stale,
    long Wrong,
    IReadOnlyDictionary<string, long> Errors,
    IReadOnlyList<string> Broken)
{
    public long Operations => Writes + WritesRefused + Misses + Fresh + Outdated + Lagging + Stale + Wrong;

    public long ErrorCount => Errors.Values.Sum();
}
