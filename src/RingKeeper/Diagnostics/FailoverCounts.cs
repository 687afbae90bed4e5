using System.Diagnostics.Metrics;

namespace RingKeeper;

/// <summary>Counts the failovers of clients: a shard's keys went to the shards that stand in, or came back to it.</summary>
internal static class FailoverCounts
{
    private static readonly Counter<long> Failovers = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.failover.count", "{failover}", "Times at which a shard ceased or began again to serve, as the views of clients came into use.");

    /// <summary>Counts what a view that is now in use brought.</summary>
    /// <param name="cluster">The cluster; empty where it has no name.</param>
    /// <param name="last">The view before; null where there was none.</param>
    /// <param name="next">The view in use now.</param>
    public static void Record(string cluster, ClusterView? last, ClusterView next)
    {
        if (last is null || !Failovers.Enabled)
        {
            return;
        }

        foreach (var (shard, reason) in Between(last, next))
        {
            RingKeeperTelemetry.Add(Failovers, 1, new(RingKeeperTelemetry.ClusterTag, cluster), new(RingKeeperTelemetry.ShardTag, shard), new("ringkeeper.failover.reason", reason));
        }
    }

    /// <summary>What became of the shards that both views know: <c>dead</c> or <c>drained</c> from now on, or <c>returned</c>. One without a status was not serving.</summary>
    public static IEnumerable<(string Shard, string Reason)> Between(ClusterView last, ClusterView next)
    {
        if (ReferenceEquals(last.Statuses, next.Statuses))
        {
            yield break;
        }

        for (var i = 0; i < next.Ring.Shards.Count; i++)
        {
            var shard = next.Ring.Shards[i];
            if (last.Statuses.TryGetValue(shard.Addr, out var before) && next.StatusOf(i) is { } after && before.Alive != after.Alive)
            {
                yield return (shard.Name, after.Alive ? "returned" : ShardState.Of(next, i));
            }
        }
    }
}
