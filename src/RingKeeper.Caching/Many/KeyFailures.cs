using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Gathers what went wrong with the keys of one many-key operation. Safe for concurrent use.</summary>
internal sealed class KeyFailures(int keys)
{
    private readonly Exception?[] _errors = new Exception?[keys];
    private readonly string?[] _shards = new string?[keys];
    private int _count;

    public void Add(int place, Exception error, Shard? shard)
    {
        _errors[place] = error;
        _shards[place] = shard is null ? null : $"'{shard.Name}' ({shard.Addr})";
        Interlocked.Increment(ref _count);
    }

    /// <summary>Throws if anything went wrong.</summary>
    /// <param name="keyAt">The key at a place.</param>
    /// <param name="done">What was done with the others, in a word.</param>
    public void ThrowIfAny(Func<int, RedisKey> keyAt, string done)
    {
        if (_count == 0)
        {
            return;
        }

        var failed = Enumerable.Range(0, _errors.Length).Where(place => _errors[place] is not null).ToArray();
        var causes = failed
            .GroupBy(place => _shards[place], StringComparer.Ordinal)
            .Select(group => $"{group.Count()} {(group.Key is null ? "found no shard" : $"on shard {group.Key}")}: {_errors[group.First()]!.Message}");
        throw new SomeKeysFailedException(
            $"{failed.Length} of {_errors.Length} keys failed, the others were {done}. {string.Join(" ", causes)}",
            [.. failed.Select(place => KeyValuePair.Create(keyAt(place), _errors[place]!))]);
    }
}
