using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace RingKeeper.Simulator.Caches;

/// <summary>What the product takes for a connection's database: the few commands that a cache sends, over a <see cref="ShardLink"/>.</summary>
#pragma warning disable CA1852 // A proxy is made of a class that others derive from.
#pragma warning disable CA5350 // The protocol names scripts so.
internal class SimulatedDatabase : DispatchProxy
#pragma warning restore CA1852
{
    private static readonly Dictionary<string, string> Scripts = new[] { OwnScripts.Set, OwnScripts.CheckAndSet, OwnScripts.Remove, WarmScripts.Intend, WarmScripts.Fill, GoreLibScripts.Set, GoreLibScripts.CheckAndSet }
        .ToDictionary(static s => Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(s))), StringComparer.Ordinal);

    private ShardLink _link = null!;

    public static IDatabase Over(ShardLink link)
    {
        var database = Create<IDatabase, SimulatedDatabase>();
        ((SimulatedDatabase)(object)database)._link = link;
        return database;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => (targetMethod!.Name, args) switch
    {
        ("StringGetAsync", [RedisKey key, ..]) => _link.SendAsync(redis => redis.Get(Text(key))),
        ("StringGetAsync", [RedisKey[] keys, ..]) => _link.SendAsync(redis => keys.Select(key => redis.Get(Text(key))).ToArray()),
        ("ScriptEvaluateAsync", [byte[] digest, RedisKey[] keys, RedisValue[] values, ..]) => RunAsync(Scripts[Convert.ToHexString(digest)], keys, values),
        ("ScriptEvaluateAsync", [string script, RedisKey[] keys, RedisValue[] values, ..]) => RunAsync(script, keys, values),
        ("SortedSetRangeByRankWithScoresAsync", [RedisKey key, 0L, 0L, Order.Descending, ..]) => _link.SendAsync(redis => redis.Newest(Text(key))),
        ("KeyDeleteAsync", [RedisKey key, ..]) => _link.SendAsync(redis => redis.Delete(Text(key))),
        ("ExecuteAsync", ["TIME", ..]) => _link.SendAsync(static redis => redis.Time()),
        ("KeyTimeToLiveAsync", [RedisKey key, ..]) => _link.SendAsync(redis => redis.LifeOf(Text(key))),
        ("KeyExpireAsync", [RedisKey key, TimeSpan life, ..]) => _link.SendAsync(redis => redis.Expire(Text(key), life)),
        ("KeyExpireAsync", [RedisKey key, null, ..]) => _link.SendAsync(redis => redis.Expire(Text(key), null)),
        _ => throw new NotSupportedException($"The cache calls {targetMethod}, which the simulated shard does not know."),
    };

    private static string Text(RedisKey key) => Encoding.Latin1.GetString((byte[])key!);

    private Task<RedisResult> RunAsync(string script, RedisKey[] keys, RedisValue[] values)
    {
        if (script is GoreLibScripts.Set or GoreLibScripts.CheckAndSet)
        {
            return _link.SendAsync(redis => redis.RunGoreLib(script, Text(keys[0]), values));
        }

        byte[] copy = values[0]!;
        if (script == OwnScripts.Remove)
        {
            return _link.SendAsync(redis => redis.Remove(Text(keys[0]), copy, values[1]!));
        }

        var sent = _link.World.Mutation?.Copy?.Invoke(copy) ?? copy;
        byte[] token = values.Length > 2 ? (byte[])values[2]! : [];
        byte[] least = values.Length > 3 ? (byte[])values[3]! : [];
        return _link.SendAsync(redis => redis.Run(script, Text(keys[0]), sent, values[1], token, least));
    }
}
