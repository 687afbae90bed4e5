using System.Diagnostics.Metrics;

namespace RingKeeper;

/// <summary>What subscriptions over the ring count.</summary>
internal static class SubscriptionMeter
{
    /// <summary>The reason of a gap: the shard of a channel died, and the channel moved.</summary>
    public const string Moved = "moved";

    /// <summary>The reason of a gap: a connection that is listened on was lost.</summary>
    public const string ConnectionLost = "connection_lost";

    /// <summary>The reason of a gap: the new shard was not listened to while publishers still used the old one.</summary>
    public const string HeardLate = "heard_late";

    private static readonly Counter<long> Gaps = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.subscriptions.gaps", "{gap}", "Times at which messages of subscriptions over the ring may have been lost.");

    public static void Gap(string cluster, string reason) =>
        RingKeeperTelemetry.Add(Gaps, 1, new(RingKeeperTelemetry.ClusterTag, cluster), new("ringkeeper.gap.reason", reason));
}
