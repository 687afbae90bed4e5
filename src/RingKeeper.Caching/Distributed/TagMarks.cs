using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// The marks by which HybridCache knows that the entries of a tag were removed: a time a tag. A mark speaks for entries on every shard, so it stands on every shard, and the
/// highest counts; since it only rises, an old one is never wrong, and no death of a shard brings back what was removed.
/// </summary>
internal sealed class TagMarks(IConnector connector, VersionedCacheOptions options)
{
    /// <summary>What HybridCache puts before a tag to make it a key.</summary>
    public const string Prefix = "__MSFT_HCT__";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IShardDoors? _doors = connector as IShardDoors;

    // What HybridCache knows of each tag that it met: it asks at most once.
    private readonly ConcurrentDictionary<string, long> _known = new(StringComparer.Ordinal);

    public bool IsMark(string key) => _doors is not null && key.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Reads the highest mark; false if there is none.</summary>
    /// <exception cref="RingKeeperException">A shard that may serve cannot be asked, so a mark may be missed.</exception>
    public async Task<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token)
    {
        RedisKey[] placed = [Place(key)];
        var doors = await DoorsAsync(token).ConfigureAwait(false);
        var answers = await Task.WhenAll(doors.Select(async door => await AskAsync(DatabaseOf(door), placed).ConfigureAwait(false))).WaitAsync(token).ConfigureAwait(false);
        var highest = Highest(1, answers);
        await SpreadAsync(placed, highest, answers).WaitAsync(token).ConfigureAwait(false);
        var mark = highest[0];
        Know(key, mark);
        if (mark == 0)
        {
            return false;
        }

        BinaryPrimitives.WriteInt64LittleEndian(destination.GetSpan(sizeof(long)), mark);
        destination.Advance(sizeof(long));
        return true;
    }

    /// <summary>Notes a mark that HybridCache holds without having asked for it.</summary>
    public void Know(string key, byte[] mark) => Know(key, ValueOf(mark));

    /// <summary>
    /// Raises a mark on every shard that may serve; done when each has it, but for those that cannot be reached: they get it from the next process that reads it.
    /// </summary>
    /// <exception cref="RingKeeperException">No shard took it.</exception>
    public async Task RaiseAsync(string key, byte[] mark, long? milliseconds, CancellationToken token)
    {
        var placed = Place(key);
        RedisValue life = milliseconds is { } time ? time : RedisValue.EmptyString;
        var doors = await DoorsAsync(token).ConfigureAwait(false);
        var failures = await Task.WhenAll(doors.Select(RaiseOneAsync)).WaitAsync(token).ConfigureAwait(false);
        if (failures.All(failure => failure is not null))
        {
            throw new RingKeeperException($"No shard took the removal of tag '{key[Prefix.Length..]}'. Try again.", failures.FirstOrDefault());
        }

        Know(key, mark);

        async Task<Exception?> RaiseOneAsync(ShardDoor door)
        {
            try
            {
                await DatabaseOf(door).ScriptEvaluateAsync(DistributedScripts.Raise, [placed], [mark, life]).ConfigureAwait(false);
                return null;
            }
            catch (Exception e) when (ShardAwayRules.IsAway(e))
            {
                return e;
            }
        }
    }

    /// <summary>
    /// Reads the marks of all known tags again, from the shards that answer; gives the tags whose mark has risen. A removal is on every shard that took it, so one that is away
    /// hides none, and whoever asks does so again when it is back.
    /// </summary>
    public async Task<IReadOnlyList<string>> ReadRisenAsync(CancellationToken token)
    {
        string[] keys = [.. _known.Keys];
        if (keys.Length == 0 || _doors!.Doors is not { } doors)
        {
            return [];
        }

        RedisKey[] placed = [.. keys.Select(Place)];
        var answers = await Task.WhenAll(doors.Where(door => door.MayServe).Select(ReadOneAsync)).WaitAsync(token).ConfigureAwait(false);
        var marks = Highest(keys.Length, answers);
        await SpreadAsync(placed, marks, answers).WaitAsync(token).ConfigureAwait(false);
        var risen = new List<string>();
        for (var i = 0; i < keys.Length; i++)
        {
            if (marks[i] > _known.GetValueOrDefault(keys[i]))
            {
                Know(keys[i], marks[i]);
                risen.Add(keys[i][Prefix.Length..]);
            }
        }

        return risen;

        async Task<Answer> ReadOneAsync(ShardDoor door)
        {
            try
            {
                return await AskAsync(DatabaseOf(door), placed).ConfigureAwait(false);
            }
            catch (Exception e) when (ShardAwayRules.IsAway(e))
            {
                return new Answer(null, []);
            }
        }
    }

    private RedisKey Place(string key) => options.KeyPrefix + key;

    private void Know(string key, long mark) => _known.AddOrUpdate(key, mark, (_, known) => Math.Max(known, mark));

    private static async Task<Answer> AskAsync(IDatabase shard, RedisKey[] placed) => new(shard, await shard.StringGetAsync(placed).ConfigureAwait(false));

    // A shard may have been away when a mark was raised, or have lost it with all it held: it must have it before those that have it die too.
    private static Task SpreadAsync(RedisKey[] placed, long[] highest, Answer[] answers)
    {
        return Task.WhenAll(
            from answer in answers
            from i in Enumerable.Range(0, answer.Marks.Length)
            where ValueOf((byte[]?)answer.Marks[i]) < highest[i]
            select RaiseAsync(answer.Shard!, i));

        async Task RaiseAsync(IDatabase shard, int i)
        {
            var from = answers.First(answer => answer.Marks.Length > i && ValueOf((byte[]?)answer.Marks[i]) == highest[i]);
            try
            {
                var left = await from.Shard!.KeyTimeToLiveAsync(placed[i]).ConfigureAwait(false);
                RedisValue life = left is { } time ? Math.Max(1, (long)time.TotalMilliseconds) : RedisValue.EmptyString;
                await shard.ScriptEvaluateAsync(DistributedScripts.Raise, [placed[i]], [from.Marks[i], life]).ConfigureAwait(false);
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                // The highest counts without it, and whoever reads next tries again.
            }
        }
    }

    private static long[] Highest(int count, Answer[] answers)
    {
        var highest = new long[count];
        foreach (var answer in answers)
        {
            for (var i = 0; i < answer.Marks.Length; i++)
            {
                highest[i] = Math.Max(highest[i], ValueOf((byte[]?)answer.Marks[i]));
            }
        }

        return highest;
    }

    // HybridCache asks once, when it is created, which may be before the host has connected the cluster: a failure then would make it distrust every entry.
    private async Task<IReadOnlyList<ShardDoor>> DoorsAsync(CancellationToken token)
    {
        while (true)
        {
            var changed = _doors!.RoutesChanged;
            if (_doors.Doors is { } doors)
            {
                return doors.Any(door => door.MayServe) ? [.. doors.Where(door => door.MayServe)] : throw new NoShardAvailableException("Every shard is dead, so no tag can be looked up.");
            }

            try
            {
                await changed.WaitAsync(Patience, options.TimeProvider, token).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw new ShardNotReadyException("The shards are not known yet, so no tag can be looked up. The cluster connects when the host starts.");
            }
        }
    }

    private static IDatabase DatabaseOf(ShardDoor door) =>
        door.Connection.Database ?? throw new ShardNotReadyException($"The connection to shard {door.Shard.Addr} is not open, and a tag may be marked there.");

    private static long ValueOf(byte[]? mark) => mark is { Length: sizeof(long) } ? BinaryPrimitives.ReadInt64LittleEndian(mark) : 0;

    // What a shard says of each tag; nothing where it did not answer.
    private readonly record struct Answer(IDatabase? Shard, RedisValue[] Marks);
}
