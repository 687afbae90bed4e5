using System.Diagnostics.Metrics;

namespace RingKeeper;

/// <summary>What backplanes count.</summary>
internal static class BackplaneMeter
{
    public static Counter<long> Sent { get; } = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.cache.backplane.sent", "{notice}", "Notices that a shard has taken.");

    public static Counter<long> Received { get; } = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.cache.backplane.received", "{notice}", "Notices of other processes.");

    public static Counter<long> Failed { get; } = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.cache.backplane.failed", "{notice}", "Notices that no shard took; one about everything makes good for those of a cache.");

    public static Counter<long> Bad { get; } = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.cache.backplane.bad", "{message}", "Messages on the channel that are no notices.");

    public static Counter<long> Gaps { get; } = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.cache.backplane.gaps", "{gap}", "Times at which notices may have been lost.");
}
