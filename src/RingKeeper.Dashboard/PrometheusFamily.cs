using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace RingKeeper.Dashboard;

/// <summary>One metric with all its series: of one instrument, or of several that have one name. Safe for concurrent use; recording takes no lock but for a series that is new.</summary>
/// <param name="name">The metric's name.</param>
/// <param name="kind">Its type.</param>
/// <param name="help">What it says.</param>
/// <param name="capacity">How many series it may have.</param>
internal sealed class PrometheusFamily(string name, PrometheusKind kind, string help, int capacity)
{
    private static readonly PrometheusLabels Comparer = new();

    private readonly ConcurrentDictionary<TagKey, PrometheusSeries> _byTags = new(Comparer);
    private readonly Lock _adding = new();

    // The same tags in another order are the same series.
    private readonly Dictionary<string, PrometheusSeries> _byLabels = new(StringComparer.Ordinal);

    /// <summary>The metric's name.</summary>
    public string Name => name;

    /// <summary>Its type.</summary>
    public PrometheusKind Kind => kind;

    /// <summary>The series of tags; null where there is no room for one more.</summary>
    /// <param name="tags">The tags.</param>
    /// <param name="bounds">The bounds of a histogram's buckets.</param>
    public PrometheusSeries? Of(ReadOnlySpan<KeyValuePair<string, object?>> tags, double[]? bounds) =>
        _byTags.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>().TryGetValue(tags, out var known) ? known : Add(tags, bounds);

    /// <summary>Writes it, if it has a series.</summary>
    public void Write(StringBuilder text, long scrape)
    {
        List<PrometheusSeries> series;
        lock (_adding)
        {
            series = [.. _byLabels.Values.Where(one => one.IsOf(scrape)).OrderBy(static one => one.Labels, StringComparer.Ordinal)];
        }

        if (series.Count == 0)
        {
            return;
        }

        Head(text, name, kind, help);
        foreach (var one in series)
        {
            one.Write(text, name);
        }
    }

    /// <summary>Writes the lines before a metric.</summary>
    public static void Head(StringBuilder text, string name, PrometheusKind kind, string help)
    {
        text.Append("# HELP ").Append(name).Append(' ').Append(PrometheusLabels.Escape(help, quotes: false)).Append('\n');
        var type = kind switch { PrometheusKind.Counter => "counter", PrometheusKind.Histogram => "histogram", _ => "gauge" };
        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    private PrometheusSeries? Add(ReadOnlySpan<KeyValuePair<string, object?>> tags, double[]? bounds)
    {
        var labels = PrometheusLabels.Write(tags);
        lock (_adding)
        {
            if (!_byLabels.TryGetValue(labels, out var series))
            {
                if (_byLabels.Count >= capacity)
                {
                    return null;
                }

                _byLabels[labels] = series = new PrometheusSeries(labels, bounds);
            }

            // Tags that come in ever new orders are looked up by their labels.
            if (_byTags.Count < 2 * capacity)
            {
                _byTags[Comparer.Create(tags)] = series;
            }

            return series;
        }
    }
}
