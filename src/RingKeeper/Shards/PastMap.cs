using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Where keys were served in a view that another has replaced a moment ago: what is published goes there as well, for those who have not seen the new view.</summary>
internal sealed class PastMap(ClusterView view, ShardConnection[] connections, long replacedAt)
{
    /// <summary>When it was replaced, as a timestamp of the connector's clock.</summary>
    public long ReplacedAt => replacedAt;

    /// <summary>The connection to the shard that served a key; null where none did.</summary>
    public ShardConnection? ConnectionOf(in RedisKey key, RoutePolicy policy) =>
        KeyRouting.Decide(view, key, policy) is { Outcome: RouteOutcome.Served } decision ? connections[decision.ShardIndex] : null;

    /// <summary>The maps that still count once a state is replaced now: its own, and those before it that were replaced a moment ago.</summary>
    public static PastMap[] After(ViewState last, TimeProvider time)
    {
        if (last.View is not { } view)
        {
            return [];
        }

        var now = time.GetTimestamp();
        return [.. last.Past.Where(map => map.IsRecent(time)), new PastMap(view, last.Connections, now)];
    }

    /// <summary>Whether publishers still heed it.</summary>
    public bool IsRecent(TimeProvider time) => time.GetElapsedTime(ReplacedAt) < ChannelMoves.PublishWindow;
}
