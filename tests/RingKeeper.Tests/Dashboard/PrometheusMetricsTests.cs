using System.Diagnostics.Metrics;
using System.Globalization;
using RingKeeper.Dashboard;
using Xunit;

namespace RingKeeper.Tests.Dashboard;

/// <summary>What is measured, in the text format of Prometheus.</summary>
public sealed class PrometheusMetricsTests : IDisposable
{
    private readonly Meter _meter = new($"test.{Guid.NewGuid():n}");
    private readonly PrometheusMetrics _metrics;

    public PrometheusMetricsTests() => _metrics = new PrometheusMetrics(capacity: 3, [_meter.Name]);

    public void Dispose()
    {
        _metrics.Dispose();
        _meter.Dispose();
    }

    [Theory]
    [InlineData("ringkeeper.view.age", "s", PrometheusKind.Gauge, "ringkeeper_view_age_seconds")]
    [InlineData("ringkeeper.votes", "{vote}", PrometheusKind.Counter, "ringkeeper_votes_total")]
    [InlineData("a.total", "{x}", PrometheusKind.Counter, "a_total")]
    [InlineData("a.seconds", "s", PrometheusKind.Histogram, "a_seconds")]
    [InlineData("a.time", "s", PrometheusKind.Counter, "a_time_seconds_total")]
    [InlineData("a.size", "By", PrometheusKind.Gauge, "a_size_bytes")]
    [InlineData("a.share", "1", PrometheusKind.Gauge, "a_share_ratio")]
    [InlineData("1-a/b", null, PrometheusKind.Gauge, "_1_a_b")]
    public void Names_are_those_that_Prometheus_expects(string name, string? unit, object kind, string expected) => Assert.Equal(expected, PrometheusName.Of(name, unit, (PrometheusKind)kind));

    [Fact]
    public void A_counter_adds_up_from_its_first_measurement_on_by_its_labels()
    {
        var counter = _meter.CreateCounter<long>("a.count", "{thing}", "Things.");
        counter.Add(1, new KeyValuePair<string, object?>("x.y", "p"));
        counter.Add(2, new KeyValuePair<string, object?>("x.y", "p"));
        counter.Add(5, new("x.y", "q"), new("n", 6379));
        counter.Add(7, new("n", 6379), new("x.y", "q"));

        var metric = Scrape()["a_count_total"];

        Assert.Equal(("counter", "Things."), (metric.Type, metric.Help));
        Assert.Equal([("6379", "q", 12.0), ("", "p", 3.0)], metric.Samples.Select(static sample => (sample.Labels.GetValueOrDefault("n", ""), sample.Labels["x_y"], sample.Value)));
    }

    [Fact]
    public void A_histogram_has_the_buckets_that_its_maker_advises()
    {
        var histogram = _meter.CreateHistogram("a.duration", "s", "Time.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var number in (double[])[0.05, 0.1, 0.5, 9])
        {
            histogram.Record(number);
        }

        var samples = Scrape()["a_duration_seconds"].Samples;

        Assert.Equal([("0.1", 2.0), ("1", 3.0), ("+Inf", 4.0)], samples.Where(static sample => sample.Labels.Count > 0).Select(static sample => (sample.Labels["le"], sample.Value)));
        Assert.Equal(9.65, samples.Single(static sample => sample.Name.EndsWith("_sum", StringComparison.Ordinal)).Value, 9);
    }

    [Fact]
    public void Gauges_show_the_last_value_or_what_is_observed_now_and_nothing_of_what_is_gone()
    {
        var observed = new List<Measurement<int>> { new(1, new KeyValuePair<string, object?>("shard", "a")), new(2, new KeyValuePair<string, object?>("shard", "b")) };
        _meter.CreateObservableGauge("seen", () => observed, null, "Seen.");
        var gauge = _meter.CreateGauge<double>("level");
        var upDown = _meter.CreateUpDownCounter<int>("open");
        (double First, double Second) = (1.5, -2);
        gauge.Record(First);
        gauge.Record(Second);
        upDown.Add(5);
        upDown.Add(-7);

        Assert.Equal(["a", "b"], Scrape()["seen"].Samples.Select(static sample => sample.Labels["shard"]));
        observed.RemoveAt(0);
        var metrics = Scrape();

        Assert.Equal(["b"], metrics["seen"].Samples.Select(static sample => sample.Labels["shard"]));
        Assert.Equal((-2.0, -2.0), (metrics["level"].Samples.Single().Value, metrics["open"].Samples.Single().Value));
        Assert.Equal("gauge", metrics["open"].Type);
    }

    [Fact]
    public void Names_of_others_are_escaped()
    {
        const string Hostile = "a\"b\\c\nd} 1\n# TYPE evil counter";
        _meter.CreateCounter<int>("hostile", null, "Back\\slash\nand a line.").Add(1, new KeyValuePair<string, object?>("shard", Hostile));

        var metric = Scrape()["hostile_total"];

        Assert.Equal(Hostile, metric.Samples.Single().Labels["shard"]);
        Assert.Equal(@"Back\\slash\nand a line.", metric.Help);
    }

    [Fact]
    public void Numbers_that_are_none_are_written_as_the_format_has_them_whatever_the_culture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        CultureInfo.CurrentCulture.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture.NumberFormat.NaNSymbol = "nix";
        try
        {
            var gauge = _meter.CreateGauge<double>("g");
            gauge.Record(double.NaN, new KeyValuePair<string, object?>("k", 1.5));
            gauge.Record(double.PositiveInfinity, new KeyValuePair<string, object?>("k", true));
            gauge.Record(double.NegativeInfinity);
            var histogram = _meter.CreateHistogram<double>("h", "s");
            histogram.Record(double.NaN);
            histogram.Record(0.25);

            var metrics = Scrape();

            Assert.Equal([double.NegativeInfinity, double.NaN, double.PositiveInfinity], metrics["g"].Samples.Select(static sample => sample.Value));
            Assert.Equal(["1.5", "true"], metrics["g"].Samples.Skip(1).Select(static sample => sample.Labels["k"]));
            Assert.Equal(2, metrics["h_seconds"].Samples.Single(static sample => sample.Name == "h_seconds_count").Value);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Beyond_its_limit_a_metric_gets_no_series_and_what_is_lost_is_counted()
    {
        var counter = _meter.CreateCounter<int>("many");
        for (var i = 0; i < 10; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("i", i));
        }

        var metrics = Scrape();

        Assert.Equal(3, metrics["many_total"].Samples.Count);
        Assert.Equal(7, metrics["ringkeeper_metrics_dropped_total"].Samples.Single().Value);
    }

    [Fact]
    public void Tags_and_instruments_that_fail_end_neither_what_is_measured_nor_the_scrape()
    {
        var counter = _meter.CreateCounter<int>("good");
        counter.Add(1, new KeyValuePair<string, object?>("bad", new Unwritable()));
        counter.Add(2);
        _meter.CreateObservableGauge("broken", static int () => throw new InvalidOperationException("no gauge today"));
        string? told = null;

        var metrics = PrometheusParser.Parse(_metrics.Write(error => told = error));

        Assert.Equal("no gauge today", told);
        Assert.Equal(2, metrics["good_total"].Samples.Single().Value);
        Assert.Equal(1, metrics["ringkeeper_metrics_dropped_total"].Samples.Single().Value);
    }

    [Fact]
    public async Task Of_many_that_measure_at_once_nothing_is_lost()
    {
        var counter = _meter.CreateCounter<long>("races");
        var histogram = _meter.CreateHistogram<double>("times", "s");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("w", i % 3));
                histogram.Record(1);
            }
        })));

        var metrics = Scrape();

        Assert.Equal(80_000, metrics["races_total"].Samples.Sum(static sample => sample.Value));
        Assert.Equal((80_000.0, 80_000.0), (Of(metrics, "times_seconds_count"), Of(metrics, "times_seconds_sum")));
    }

    [Fact]
    public void Measuring_what_is_known_allocates_nothing()
    {
        var counter = _meter.CreateCounter<long>("free");
        KeyValuePair<string, object?>[] tags = [new("server.address", "10.0.0.1"), new("server.port", 6379)];
        counter.Add(1, tags);

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            counter.Add(1, tags);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    private static double Of(IReadOnlyDictionary<string, PrometheusMetric> metrics, string name) =>
        metrics.Values.SelectMany(static metric => metric.Samples).Single(sample => sample.Name == name).Value;

    private IReadOnlyDictionary<string, PrometheusMetric> Scrape() => PrometheusParser.Parse(_metrics.Write(static error => throw new InvalidOperationException(error)));

    private sealed class Unwritable
    {
        public override string ToString() => throw new InvalidOperationException("no word");
    }
}
