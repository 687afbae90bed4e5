using System.Buffers.Binary;
using RingKeeper.Simulator.Rivals;
using StackExchange.Redis;

namespace RingKeeper.Simulator.Caches;

/// <summary>A client that reads and writes a few keys without end, through the product's <see cref="VersionedCache"/>.</summary>
#pragma warning disable CA1001 // Its connector has nothing to dispose.
internal sealed class CacheClient
#pragma warning restore CA1001
{
    private const int Workers = 3;

    private static readonly TimeSpan MeanPause = TimeSpan.FromMilliseconds(15);

    private readonly CacheWorld _world;
    private readonly Random _random;
    private readonly SimulatedConnector _connector;
    private readonly VersionedCache _cache;
    private readonly IRivalCache? _rival;

    public CacheClient(CacheWorld world, SimulatedClient view, IReadOnlyDictionary<string, SimulatedRedis> redis, Random random)
    {
        (_world, View, _random) = (world, view, random);
        var links = redis.ToDictionary(static r => r.Key, r => new ShardLink(world, view.Process, r.Value, random), StringComparer.Ordinal);
        Links = [.. links.Values];
        _connector = new SimulatedConnector(world, view, links, view.Clock);
        view.ViewChanged = _connector.OnViewChanged;
        _cache = new VersionedCache(_connector, new VersionedCacheOptions { TimeProvider = view.Clock, Format = world.Format }, new Nonces(random.NextInt64()));
        _rival = world.Rule switch
        {
            CacheRule.GoPackage => new GoPackageCache(world, view, links),
            CacheRule.GoRedisRing => new GoRedisRingCache(world, view, links),
            CacheRule.Twemproxy => new TwemproxyCache(world, view, links),
            _ => null,
        };
        for (var i = 0; i < Workers; i++)
        {
            _ = WorkAsync();
        }
    }

    public SimulatedClient View { get; }

    public SimulatedProcess Process => View.Process;

    public IReadOnlyList<ShardLink> Links { get; }

    public string? AddrOf(int key) => _rival is null ? _connector.AddrOf(CacheWorld.Keys[key]) : _rival.AddrOf(CacheWorld.Keys[key]);

    private async Task WorkAsync()
    {
        while (true)
        {
            var pause = new TaskCompletionSource();
            Process.After(MeanPause * -Math.Log(1 - _random.NextDouble()), pause.SetResult);
            await pause.Task.ConfigureAwait(false);
            try
            {
                await CallAsync(_random.Next(CacheWorld.KeyCount)).ConfigureAwait(false);
            }
            catch (StaleViewException)
            {
                _world.Oracle.Tally.Refused++;
            }
            catch (Exception e) when (e is RingKeeperException or RedisException or TimeoutException)
            {
                // The shard is away, or the answer was lost: what was sent may still be executed.
                _world.Oracle.Tally.Failed++;
            }
            catch (Exception fault)
            {
                _world.Break(fault);
            }
        }
    }

    private Task CallAsync(int key) => _random.Next(20) switch
    {
        var drawn when _world.IsCompared => drawn < 14 ? ReadAsync(key, thenSwap: false) : WriteAsync(key),
        < 11 => ReadAsync(key, thenSwap: false),
        < 13 => ReadAsync(key, thenSwap: true),
        < 18 => WriteAsync(key),
        18 => SwapAsync(key, CacheToken.None, 0),
        _ => RemoveAsync(key),
    };

    private async Task ReadAsync(int key, bool thenSwap)
    {
        var operation = Begin(CacheOperationKind.Read, key);
        var agreed = _world.AgreedAddr(key);
        if (_rival is not null)
        {
            var value = await _rival.GetAsync(CacheWorld.Keys[key], operation).ConfigureAwait(false);
            _world.Oracle.JudgeRead(operation, value is null ? null : CacheOracle.NumberOf(value), agreed is not null && agreed == operation.Addr);
            return;
        }

        var result = await _cache.GetAsync<byte[]>(CacheWorld.Keys[key]).ConfigureAwait(false);
        long? number = result.IsHit ? CacheOracle.NumberOf(result.Value) : null;
        _world.Oracle.JudgeRead(operation, number, agreed is not null && agreed == operation.Addr);
        if (thenSwap)
        {
            if (_random.Next(4) == 0)
            {
                var pause = new TaskCompletionSource();
                Process.After(TimeSpan.FromMilliseconds(_random.Next(2_000)), pause.SetResult);
                await pause.Task.ConfigureAwait(false);
            }

            await SwapAsync(key, result.Token, number ?? 0).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(int key)
    {
        var operation = Begin(CacheOperationKind.Write, key);
        await (_rival is null ? _cache.SetAsync(CacheWorld.Keys[key], Payload(operation), Expiry()).AsTask() : _rival.SetAsync(CacheWorld.Keys[key], Payload(operation), operation)).ConfigureAwait(false);
        _world.Oracle.Acknowledge(operation);
    }

    private async Task SwapAsync(int key, CacheToken token, long number)
    {
        var operation = Begin(CacheOperationKind.CheckAndSet, key, number);
        var result = await _cache.CheckAndSetAsync(CacheWorld.Keys[key], Payload(operation), token, Expiry()).ConfigureAwait(false);
        if (result.IsSet)
        {
            _world.Oracle.Tally.Swaps++;
            _world.Oracle.Acknowledge(operation);
        }
        else
        {
            _world.Oracle.Tally.SwapsRefused++;
        }
    }

    private async Task RemoveAsync(int key)
    {
        var operation = Begin(CacheOperationKind.Remove, key);
        await _cache.RemoveAsync(CacheWorld.Keys[key]).ConfigureAwait(false);
        _world.Oracle.Acknowledge(operation);
    }

    private CacheOperation Begin(CacheOperationKind kind, int key, long replaces = 0) => CacheOperation.Current = new CacheOperation(kind, key, _world.Agenda.Now)
    {
        Number = kind is CacheOperationKind.Write or CacheOperationKind.CheckAndSet ? _world.NextNumber() : 0,
        Replaces = replaces,
        Stall = _random.Next(40) == 0 ? TimeSpan.FromSeconds(4 * _random.NextDouble() * _random.NextDouble()) : TimeSpan.Zero,
    };

    private static byte[] Payload(CacheOperation operation)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, operation.Number);
        return bytes;
    }

    private CacheExpiry? Expiry() => _random.Next(8) == 0 ? CacheExpiry.After(TimeSpan.FromMilliseconds(500 + _random.Next(4_000))) : null;
}
