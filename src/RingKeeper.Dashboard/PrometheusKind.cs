using System.Diagnostics.Metrics;

namespace RingKeeper.Dashboard;

/// <summary>The types of metrics that Prometheus knows and that are in use.</summary>
internal enum PrometheusKind
{
    /// <summary>A number that only grows.</summary>
    Counter,

    /// <summary>A number that goes up and down.</summary>
    Gauge,

    /// <summary>Numbers counted by size.</summary>
    Histogram,
}

/// <summary>Tells the types of instruments. Pure.</summary>
internal static class PrometheusKinds
{
    /// <summary>The type of an instrument.</summary>
    public static PrometheusKind Of(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        return type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? PrometheusKind.Counter
            : type == typeof(Histogram<>) ? PrometheusKind.Histogram
            : PrometheusKind.Gauge;
    }

    /// <summary>The bounds of the buckets of a histogram: those that its maker advises, or common ones.</summary>
    public static double[] BoundsOf(Instrument instrument) =>
        instrument switch
        {
            Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
            Histogram<float> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
            Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
            Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
            _ when instrument.Unit == "s" => [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
            _ => [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000],
        };
}
