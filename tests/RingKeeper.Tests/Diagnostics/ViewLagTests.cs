using System.Diagnostics.Metrics;
using Xunit;

namespace RingKeeper.Tests.Diagnostics;

public sealed class ViewLagTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_000_000);

    [Fact]
    public void A_change_counts_from_its_own_time_and_each_part_that_is_new_by_itself()
    {
        var first = View(1, 1);
        Assert.Equal(["ringkeeper.view.apply.duration 0.25", "ringkeeper.view.lag status 0.5", "ringkeeper.view.lag topology 2"], Measure(first, View(2, 2), TimeSpan.FromMilliseconds(250)));
        Assert.Equal(["ringkeeper.view.apply.duration 0.25", "ringkeeper.view.lag status 0.5"], Measure(first, View(1, 2), TimeSpan.FromMilliseconds(250)));
        Assert.Equal(["ringkeeper.view.lag topology 2"], Measure(first, View(2, 1), null));
    }

    [Fact]
    public void A_first_view_is_no_change() => Assert.Equal([], Measure(null, View(2, 2), TimeSpan.FromSeconds(1)));

    [Fact]
    public void A_clock_that_is_behind_makes_no_lag_below_zero() =>
        Assert.Equal(["ringkeeper.view.lag status 0"], Measure(View(1, 1), View(1, 2), null, now: Now.AddSeconds(-5)));

    private static ClusterView View(long topology, long status) =>
        new(new ConsistentRingBuilder("4").Build([new Shard("a", ":1")]), true, topology, 0, status, new Dictionary<string, ShardStatus>());

    private static IEnumerable<string> Measure(ClusterView? last, ClusterView next, TimeSpan? sinceEvent, DateTimeOffset? now = null)
    {
        var cluster = $"lagging-{Guid.NewGuid():n}";
        var seen = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument.Meter.Name == RingKeeperTelemetry.SourceName && instrument.Name.StartsWith("ringkeeper.view.", StringComparison.Ordinal))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary();
            if (named.TryGetValue("ringkeeper.cluster", out var of) && Equals(of, cluster))
            {
                Assert.Equal("s", instrument.Unit);
                seen.Add(FormattableString.Invariant($"{instrument.Name} {(named.TryGetValue("ringkeeper.change", out var change) ? $"{change} " : "")}{value:0.###}"));
            }
        });
        listener.Start();
        ViewLag.Record(cluster, last, next, topologyChanged: 998_000, statusChanged: 999_500, now ?? Now, sinceEvent);
        return seen.Order(StringComparer.Ordinal);
    }
}
