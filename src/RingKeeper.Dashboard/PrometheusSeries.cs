using System.Globalization;
using System.Text;

namespace RingKeeper.Dashboard;

/// <summary>One series of a metric: its labels and what was recorded. Recording takes no lock.</summary>
/// <param name="labels">The labels as the format writes them, without braces.</param>
/// <param name="bounds">The bounds of the buckets of a histogram, else null.</param>
internal sealed class PrometheusSeries(string labels, double[]? bounds)
{
    // Of a histogram: what fell into each bucket alone, the one above all bounds last.
    private readonly long[]? _buckets = bounds is null ? null : new long[bounds.Length + 1];

    private double _value;
    private long _scrape;

    /// <summary>The labels.</summary>
    public string Labels => labels;

    /// <summary>Whether it belongs into a scrape: what is observed, only if it was observed for it.</summary>
    public bool IsOf(long scrape) => Interlocked.Read(ref _scrape) is var seen && (seen == 0 || seen == scrape);

    /// <summary>Adds to a counter or a sum.</summary>
    public void Add(double number)
    {
        double before;
        var seen = Volatile.Read(ref _value);
        do
        {
            before = seen;
            seen = Interlocked.CompareExchange(ref _value, before + number, before);
        }
        while (!seen.Equals(before));
    }

    /// <summary>Sets a gauge.</summary>
    public void Set(double number) => Volatile.Write(ref _value, number);

    /// <summary>Sets what is observed for a scrape.</summary>
    public void Set(double number, long scrape)
    {
        Set(number);
        Interlocked.Exchange(ref _scrape, scrape);
    }

    /// <summary>Counts a number by its size; a bucket takes what is at most its bound.</summary>
    public void Count(double number)
    {
        // Nothing is below what is no number, and so it falls behind all bounds.
        var bucket = 0;
        while (bucket < bounds!.Length && !(number <= bounds[bucket]))
        {
            bucket++;
        }

        Interlocked.Increment(ref _buckets![bucket]);
        Add(number);
    }

    /// <summary>Writes its lines.</summary>
    public void Write(StringBuilder text, string name)
    {
        if (bounds is null)
        {
            Line(text, name, labels, PrometheusName.OfNumber(Volatile.Read(ref _value)));
            return;
        }

        var (sum, separator) = (0L, labels.Length == 0 ? "" : ",");
        for (var i = 0; i <= bounds.Length; i++)
        {
            sum += Interlocked.Read(ref _buckets![i]);
            var bound = i < bounds.Length ? PrometheusName.OfNumber(bounds[i]) : "+Inf";
            Line(text, $"{name}_bucket", $"{labels}{separator}le=\"{bound}\"", sum.ToString(CultureInfo.InvariantCulture));
        }

        Line(text, $"{name}_sum", labels, PrometheusName.OfNumber(Volatile.Read(ref _value)));
        Line(text, $"{name}_count", labels, sum.ToString(CultureInfo.InvariantCulture));
    }

    private static void Line(StringBuilder text, string name, string labels, string value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value).Append('\n');
    }
}
