using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Dashboard;

/// <summary>
/// Collects what the meters of RingKeeper and of its ZooKeeper client measure, from its making on, and writes it in the text format of Prometheus, version 0.0.4.
/// Safe for concurrent use.
/// </summary>
internal sealed class PrometheusMetrics : IDisposable
{
    /// <summary>The type of what is written.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>How many series a metric has at most, unless told otherwise.</summary>
    public const int StandardCapacity = 2000;

    private readonly int _capacity;
    private readonly HashSet<string> _meters;
    private readonly MeterListener _listener;

    // Never held while another's code runs: it may itself be making instruments.
    private readonly Lock _gate = new();
    private readonly Lock _scraping = new();

    // Two instruments of one name, on two meters, are one metric.
    private readonly SortedDictionary<string, PrometheusFamily> _families = new(StringComparer.Ordinal);

    private long _dropped;
    private long _scrape = 1;

    /// <summary>Begins to collect.</summary>
    /// <param name="capacity">How many series a metric may have (default: 2,000).</param>
    /// <param name="meters">The names of the meters (default: the two).</param>
    public PrometheusMetrics(int capacity = StandardCapacity, IEnumerable<string>? meters = null)
    {
        _capacity = capacity;
        _meters = [.. meters ?? [RingKeeperTelemetry.SourceName, ZooKeeperTelemetry.SourceName]];
        _listener = new MeterListener { InstrumentPublished = Take };
        _listener.SetMeasurementEventCallback<byte>((_, number, tags, state) => Record(state, number, tags));
        _listener.SetMeasurementEventCallback<short>((_, number, tags, state) => Record(state, number, tags));
        _listener.SetMeasurementEventCallback<int>((_, number, tags, state) => Record(state, number, tags));
        _listener.SetMeasurementEventCallback<long>((_, number, tags, state) => Record(state, number, tags));
        _listener.SetMeasurementEventCallback<float>((_, number, tags, state) => Record(state, number, tags));
        _listener.SetMeasurementEventCallback<double>((_, number, tags, state) => Record(state, number, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, number, tags, state) => Record(state, (double)number, tags));
        _listener.Start();
    }

    /// <summary>Writes all that was collected, and what is observed now.</summary>
    /// <param name="failed">Hears why instruments could not be observed; the others are written.</param>
    public string Write(Action<string> failed)
    {
        lock (_scraping)
        {
            Interlocked.Increment(ref _scrape);
            try
            {
                _listener.RecordObservableInstruments();
            }
#pragma warning disable CA1031 // An instrument's own code failed: it is told, and the others are shown.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failed(e is AggregateException { InnerExceptions: [var first, ..] } ? first.Message : e.Message);
            }

            var text = new StringBuilder();
            foreach (var family in Families())
            {
                family.Write(text, _scrape);
            }

            PrometheusFamily.Head(text, "ringkeeper_metrics_dropped_total", PrometheusKind.Counter, string.Create(CultureInfo.InvariantCulture, $"Measurements that are not shown here: their metric has {_capacity} series already, or their tags could not be read."));
            return text.Append("ringkeeper_metrics_dropped_total ").Append(Interlocked.Read(ref _dropped).ToString(CultureInfo.InvariantCulture)).Append('\n').ToString();
        }
    }

    /// <summary>Ends collecting.</summary>
    public void Dispose() => _listener.Dispose();

    private List<PrometheusFamily> Families()
    {
        lock (_gate)
        {
            return [.. _families.Values];
        }
    }

    private void Take(Instrument instrument, MeterListener listener)
    {
        if (!_meters.Contains(instrument.Meter.Name))
        {
            return;
        }

        var (name, kind) = (PrometheusName.Of(instrument), PrometheusKinds.Of(instrument));
        PrometheusFamily? family;
        lock (_gate)
        {
            if (!_families.TryGetValue(name, out family))
            {
                _families[name] = family = new PrometheusFamily(name, kind, instrument.Description ?? instrument.Name, _capacity);
            }
        }

        // What is of another type under the same name cannot be shown, and is counted as not shown.
        listener.EnableMeasurementEvents(instrument, new Target(family, family.Kind == kind, instrument.IsObservable, kind == PrometheusKind.Histogram ? PrometheusKinds.BoundsOf(instrument) : null)
        {
            IsSum = kind == PrometheusKind.Counter || instrument.GetType().GetGenericTypeDefinition() == typeof(UpDownCounter<>),
        });
    }

    // Called where something is measured, which must not end by it.
    private void Record(object? state, double number, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        try
        {
            if (state is not Target { Fits: true } target || (target.Family.Kind == PrometheusKind.Counter && !(number >= 0)) || target.Family.Of(tags, target.Bounds) is not { } series)
            {
                Interlocked.Increment(ref _dropped);
            }
            else if (target.IsObserved)
            {
                series.Set(number, Interlocked.Read(ref _scrape));
            }
            else if (target.Bounds is not null)
            {
                series.Count(number);
            }
            else if (target.IsSum)
            {
                series.Add(number);
            }
            else
            {
                series.Set(number);
            }
        }
#pragma warning disable CA1031 // Tags may be of any class, and fail when they are read. It is counted.
        catch (Exception)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    private sealed record Target(PrometheusFamily Family, bool Fits, bool IsObserved, double[]? Bounds)
    {
        /// <summary>Gets whether measurements add up.</summary>
        public bool IsSum { get; init; }
    }
}
