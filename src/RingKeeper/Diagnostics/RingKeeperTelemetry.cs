using System.Diagnostics.Metrics;

namespace RingKeeper;

/// <summary>Names what RingKeeper measures, for those who collect it.</summary>
public static class RingKeeperTelemetry
{
    /// <summary>The name of the meter.</summary>
    public const string SourceName = "RingKeeper";

    /// <summary>The tag that names a cluster.</summary>
    internal const string ClusterTag = "ringkeeper.cluster";

    internal static Meter Meter { get; } = new(SourceName);
}
