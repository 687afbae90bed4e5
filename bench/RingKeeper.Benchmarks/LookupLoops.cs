using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>Loops over keys, each the body of one measurement; the sum keeps the work from being optimised away.</summary>
internal static class LookupLoops
{
    public static long Owners(HashRing ring, ReadOnlySpan<byte[]> keys)
    {
        var sum = 0L;
        foreach (var key in keys)
        {
            sum += ring.GetOwner(key);
        }

        return sum;
    }

    public static long Owners(OtherRing ring, ReadOnlySpan<byte[]> keys)
    {
        var sum = 0L;
        foreach (var key in keys)
        {
            sum += ring.GetOwner(key);
        }

        return sum;
    }

    /// <summary>From a key to its owner, the bytes of a text included.</summary>
    public static long Owners(HashRing ring, ReadOnlySpan<RedisKey> keys)
    {
        var sum = 0L;
        foreach (ref readonly var key in keys)
        {
            sum += OwnerOf(ring, key);
        }

        return sum;
    }

    public static long TryRoutes(ViewHost host, ReadOnlySpan<byte[]> keys)
    {
        var sum = 0L;
        foreach (var key in keys)
        {
            sum += host.TryRoute(key, RoutePolicy.Failover, out var route) ? route.ValidSince : throw new InvalidOperationException("No route.");
        }

        return sum;
    }

    public static long Connects(ViewHost host, ReadOnlySpan<RedisKey> keys)
    {
        var sum = 0L;
        foreach (var key in keys)
        {
            var route = host.ConnectAsync(key, RoutePolicy.Failover, default);
            sum += route.IsCompletedSuccessfully ? route.Result.ValidSince : throw new InvalidOperationException("The route was not there at once.");
        }

        return sum;
    }

    [SkipLocalsInit]
    private static int OwnerOf(HashRing ring, in RedisKey key)
    {
        if (RedisKeyBytes.TryGet(key, out var bytes))
        {
            return ring.GetOwner(bytes);
        }

        Span<byte> copy = stackalloc byte[256];
        return ring.CopyAndGetOwner(RedisKeyBytes.Text(key)!, copy, out var _);
    }
}
