using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>The same reads and writes of the same keys, by the cache, by plain commands to the shard of each key, and by others.</summary>
/// <param name="cache">The cache.</param>
/// <param name="databases">By key: its shard.</param>
/// <param name="texts">The keys.</param>
[SuppressMessage("Reliability", "CA2012", Justification = "Each is awaited once.")]
[SuppressMessage("Security", "CA5350", Justification = "The protocol names scripts so.")]
internal sealed class CacheLoads(VersionedCache cache, IDatabase[] databases, string[] texts)
{
    public const int ValueBytes = 64;
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);
    private static readonly byte[] Value = new byte[ValueBytes];
    private static readonly byte[] Stored = new byte[ValueBytes + CopyHeader.ShortLength];
    private static readonly CacheExpiry Expiry = CacheExpiry.After(Life);
    private static readonly DistributedCacheEntryOptions PeerLife = new() { AbsoluteExpirationRelativeToNow = Life };

    private readonly RedisKey[] _keys = [.. texts.Select(static text => (RedisKey)text)];
    private readonly RedisKey[] _plainKeys = [.. texts.Select(static text => (RedisKey)$"P{text[1..]}")];
    private readonly RedisKey[] _scriptKeys = [.. texts.Select(static text => (RedisKey)$"S{text[1..]}")];
    private readonly byte[] _digest = SHA1.HashData(Encoding.UTF8.GetBytes(OwnScripts.Set));
    private long _version = 1;

    public RedisKey[] Keys => _keys;

    /// <summary>Loops that each wait for their own operation, <paramref name="perLoop"/> times.</summary>
    public static Func<int, Task> Loops(int loops, int perLoop, Func<int, int, Task> loop) => start =>
    {
        var running = new Task[loops];
        for (var i = 0; i < loops; i++)
        {
            running[i] = loop(start + (i * perLoop), perLoop);
        }

        return Task.WhenAll(running);
    };

    public async Task PlainGetAsync(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            Require(!(await databases[At(i)].StringGetAsync(_keys[At(i)])).IsNull);
        }
    }

    public async Task GetAsync(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            Require((await cache.GetAsync<byte[]>(_keys[At(i)])).IsHit);
        }
    }

    public async Task PeerGetAsync(IDistributedCache peer, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            Require(await peer.GetAsync(texts[At(i)]) is not null);
        }
    }

    public async Task PlainSetAsync(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            Require(await databases[At(i)].StringSetAsync(_plainKeys[At(i)], Stored, Life));
        }
    }

    public async Task SetAsync(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            Require(!(await cache.SetAsync(_keys[At(i)], Value, Expiry)).IsNone);
        }
    }

    public async Task PeerSetAsync(IDistributedCache peer, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            await peer.SetAsync(texts[At(i)], Value, PeerLife);
        }
    }

    public async Task PlainGetBatchAsync(int start, int size)
    {
        var gets = new Task<RedisValue>[size];
        for (var i = 0; i < size; i++)
        {
            gets[i] = databases[At(start + i)].StringGetAsync(_keys[At(start + i)]);
        }

        foreach (var get in gets)
        {
            Require(!(await get).IsNull);
        }
    }

    public async Task GetBatchAsync(int start, int size)
    {
        var gets = new ValueTask<CacheResult<byte[]>>[size];
        for (var i = 0; i < size; i++)
        {
            gets[i] = cache.GetAsync<byte[]>(_keys[At(start + i)]);
        }

        foreach (var get in gets)
        {
            Require((await get).IsHit);
        }
    }

    /// <summary>The script of a write with what the cache gives it, by StackExchange.Redis alone, under keys of its own on the same shards.</summary>
    public async Task PlainScriptBatchAsync(int start, int size)
    {
        var sets = new Task<RedisResult>[size];
        for (var i = 0; i < size; i++)
        {
            var copy = new byte[ValueBytes + CopyHeader.ShortLength];
            new CopyHeader(CopyKind.Value, 1, _version++, 1).WriteTo(copy);
            sets[i] = databases[At(start + i)].ScriptEvaluateAsync(_digest, [_scriptKeys[At(start + i)]], [copy, 3_600_000]);
        }

        foreach (var set in sets)
        {
            Require((int)await set == 1);
        }
    }

    public async Task SetBatchAsync(int start, int size)
    {
        var sets = new ValueTask<CacheToken>[size];
        for (var i = 0; i < size; i++)
        {
            sets[i] = cache.SetAsync(_keys[At(start + i)], Value, Expiry);
        }

        foreach (var set in sets)
        {
            Require(!(await set).IsNone);
        }
    }

    public async Task GetManyAsync(int start, int size)
    {
        var keys = new RedisKey[size];
        for (var i = 0; i < size; i++)
        {
            keys[i] = _keys[At(start + i)];
        }

        Require(Array.TrueForAll(await cache.GetManyAsync<byte[]>(keys), static result => result.IsHit));
    }

    private int At(int place) => place % _keys.Length;

    private static void Require(bool holds)
    {
        if (!holds)
        {
            throw new InvalidOperationException("An operation did not find or write its key; the figures would mean nothing.");
        }
    }
}
