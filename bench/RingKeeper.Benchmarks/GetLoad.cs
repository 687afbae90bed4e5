using System.IO.Hashing;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>Who picks the shard of a GET.</summary>
internal enum Picker
{
    /// <summary>Hash modulo the number of shards, over the cluster's own connections.</summary>
    Modulo = 0,

    /// <summary>The same once more: how far two equal things differ is how little can be told apart.</summary>
    ModuloAgain = 1,

    /// <summary>The cluster.</summary>
    Routed = 2,
}

/// <summary>Keys and how a naive client would place them: CRC-32 of bytes, the runtime's hash of a text, which is the cheapest there is.</summary>
internal sealed class GetKeys
{
    private readonly byte[][]? _bytes;
    private readonly string[]? _texts;

    public GetKeys(string name, byte[][]? bytes, string[]? texts)
    {
        Name = name;
        _bytes = bytes;
        _texts = texts;
        Keys = bytes is not null ? [.. bytes.Select(static key => (RedisKey)key)] : [.. texts!.Select(static key => (RedisKey)key)];
    }

    public string Name { get; }

    public RedisKey[] Keys { get; }

    public int Modulo(int index, uint count) =>
        (int)((_bytes is null ? (uint)_texts![index].GetHashCode(StringComparison.Ordinal) : Crc32.HashToUInt32(_bytes[index])) % count);
}

/// <summary>Sends GETs in one shape: all of a batch at once, or by loops that each wait for their own.</summary>
internal sealed class GetLoad(ZKCluster cluster, IDatabase[] databases, GetKeys keys, int loops, int perLoop)
{
    private readonly Task<RedisValue>[] _gets = new Task<RedisValue>[loops * perLoop];
    private readonly Task[] _loops = new Task[loops];

    /// <summary>Gets how many GETs a batch has.</summary>
    public int Size => _gets.Length;

    /// <summary>Sends one batch, the keys from <paramref name="start"/> on, and waits for all replies.</summary>
    public Task SendAsync(Picker picker, int start) => (loops, picker) switch
    {
        (1, Picker.Routed) => SendRoutedAsync(start),
        (1, _) => SendByModuloAsync(start),
        (_, Picker.Routed) => LoopAllAsync(start, LoopRoutedAsync),
        _ => LoopAllAsync(start, LoopByModuloAsync),
    };

    /// <summary>Throws unless every GET of the last batch found its key.</summary>
    public void Check()
    {
        foreach (var get in _gets)
        {
            if (get.Result.IsNull)
            {
                throw new InvalidOperationException("A key was not where it was sought.");
            }
        }
    }

    private async Task SendRoutedAsync(int start)
    {
        for (var i = 0; i < _gets.Length; i++)
        {
            var key = keys.Keys[IndexOf(start + i)];
            var route = await cluster.ConnectAsync(key);
            _gets[i] = route.Database.StringGetAsync(key);
        }

        await Task.WhenAll(_gets);
    }

    private async Task SendByModuloAsync(int start)
    {
        for (var i = 0; i < _gets.Length; i++)
        {
            var index = IndexOf(start + i);
            _gets[i] = databases[keys.Modulo(index, (uint)databases.Length)].StringGetAsync(keys.Keys[index]);
        }

        await Task.WhenAll(_gets);
    }

    private Task LoopAllAsync(int start, Func<int, int, Task> loop)
    {
        for (var i = 0; i < loops; i++)
        {
            _loops[i] = loop(i * perLoop, start);
        }

        return Task.WhenAll(_loops);
    }

    private async Task LoopRoutedAsync(int first, int start)
    {
        for (var i = first; i < first + perLoop; i++)
        {
            var key = keys.Keys[IndexOf(start + i)];
            var route = await cluster.ConnectAsync(key);
            await (_gets[i] = route.Database.StringGetAsync(key));
        }
    }

    private async Task LoopByModuloAsync(int first, int start)
    {
        for (var i = first; i < first + perLoop; i++)
        {
            var index = IndexOf(start + i);
            await (_gets[i] = databases[keys.Modulo(index, (uint)databases.Length)].StringGetAsync(keys.Keys[index]));
        }
    }

    private int IndexOf(int place) => place % keys.Keys.Length;
}
