using System.Buffers;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Routes a key as StackExchange.Redis has it, by its bytes, which it copies where it must; allocates nothing.</summary>
internal static class KeyRouting
{
    private const int StackKeyLength = 256;
    private const int MaxBytesPerChar = 3;

    public static RouteDecision Decide(ViewState state, in RedisKey key, RoutePolicy policy)
    {
        return state.View is { } view ? Decide(view, key, policy) : new RouteDecision(RouteOutcome.NotReady, -1, 0);
    }

    public static RouteDecision Decide(ClusterView view, in RedisKey key, RoutePolicy policy)
    {
        if (!RedisKeyBytes.TryGet(key, out var bytes))
        {
            return DecideCopied(view, key, policy);
        }

        return bytes is null
            ? throw new ArgumentException("The key is null; an empty key is written as an empty string.", nameof(key))
            : view.Route(bytes, policy);
    }

    /// <summary>Tells the exact epoch of a key by its route; where every copy of the route is valid or stale for certain, without a look at the key.</summary>
    public static long ExactEpochOf(in ShardRoute route, in RedisKey key, RoutePolicy policy) =>
        route.Origin is { } origin && route.LeastValidSince < route.ValidSince ? ExactValidSince(origin.View, key, policy) : route.ValidSince;

    /// <summary>Tells the exact epoch of a key in a view; rarely asked for.</summary>
    public static long ExactValidSince(ClusterView view, in RedisKey key, RoutePolicy policy)
    {
        var bytes = BytesOf(key, out var rented);
        try
        {
            return view.ExactValidSince(bytes, policy);
        }
        finally
        {
            Return(rented);
        }
    }

    /// <summary>Finds where the copies of a key are that its shard did not see.</summary>
    public static WarmSource? FindWarmSource(ClusterView view, in RedisKey key, int serving)
    {
        var bytes = BytesOf(key, out var rented);
        try
        {
            return WarmSource.Find(view, bytes, serving);
        }
        finally
        {
            Return(rented);
        }
    }

    /// <summary>Finds all shards whose copies of a key may be taken for those that its shard did not see; see <see cref="WarmSource.FindAll"/>.</summary>
    public static long FindWarmHeirs(ClusterView view, in RedisKey key, int serving, List<int> heirs)
    {
        var bytes = BytesOf(key, out var rented);
        try
        {
            return WarmSource.FindAll(view, bytes, serving, heirs);
        }
        finally
        {
            Return(rented);
        }
    }

    private static ReadOnlySpan<byte> BytesOf(in RedisKey key, out byte[]? rented)
    {
        rented = null;
        if (RedisKeyBytes.TryGet(key, out var bytes) && bytes is not null)
        {
            return bytes;
        }

        rented = ArrayPool<byte>.Shared.Rent(RedisKeyBytes.MaxLength(key));
        return rented.AsSpan(0, RedisKeyBytes.Copy(key, rented));
    }

    private static void Return(byte[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // Kept apart so that keys of bytes do not pay for the buffer.
    [SkipLocalsInit]
    private static RouteDecision DecideCopied(ClusterView view, in RedisKey key, RoutePolicy policy)
    {
        Span<byte> bytes = stackalloc byte[StackKeyLength];
        if (RedisKeyBytes.Text(key) is { Length: <= StackKeyLength / MaxBytesPerChar } text)
        {
            return view.Route(text, bytes, policy);
        }

        var most = RedisKeyBytes.MaxLength(key);
        if (most > StackKeyLength)
        {
            return DecideLong(view, key, most, policy);
        }

        return view.Route(bytes[..RedisKeyBytes.Copy(key, bytes)], policy);
    }

    // Kept apart so that short keys do not pay for the rented buffer.
    private static RouteDecision DecideLong(ClusterView view, in RedisKey key, int most, RoutePolicy policy)
    {
        var rented = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            return view.Route(rented.AsSpan(0, RedisKeyBytes.Copy(key, rented)), policy);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
