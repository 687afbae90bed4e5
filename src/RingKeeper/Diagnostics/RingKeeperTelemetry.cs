using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RingKeeper;

/// <summary>Names what RingKeeper measures, for those who collect it.</summary>
public static class RingKeeperTelemetry
{
    /// <summary>The name of the meter and of the source of activities.</summary>
    public const string SourceName = "RingKeeper";

    /// <summary>The tag that names a cluster.</summary>
    internal const string ClusterTag = "ringkeeper.cluster";

    /// <summary>The tag that names a shard, by its name on the ring.</summary>
    internal const string ShardTag = "ringkeeper.shard.id";

    internal static Meter Meter { get; } = new(SourceName);

    internal static ActivitySource Activities { get; } = new(SourceName);

    /// <summary>Adds to a counter. Nothing is added where a listener throws: it must not end what it is told of.</summary>
    internal static void Add(Counter<long> counter, long number, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        try
        {
            counter.Add(number, tags);
        }
#pragma warning disable CA1031 // There is nobody to tell but the listener itself.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    /// <summary>Records in a histogram; as <see cref="Add"/> where a listener throws.</summary>
    internal static void Record(Histogram<double> histogram, double value, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        try
        {
            histogram.Record(value, tags);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
