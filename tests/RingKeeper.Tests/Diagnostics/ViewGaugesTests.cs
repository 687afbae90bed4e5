using System.Diagnostics.Metrics;
using Xunit;

namespace RingKeeper.Tests.Diagnostics;

public sealed class ViewGaugesTests
{
    [Fact]
    public void Clients_are_measured_while_they_live_and_the_one_furthest_behind_speaks_for_its_cluster()
    {
        using var first = new ViewGauges("gauged-shop", () => TimeSpan.FromSeconds(1.5), () => View(20));
        var second = new ViewGauges("gauged-shop", () => TimeSpan.FromSeconds(4), () => View(10));
        var other = new ViewGauges("gauged-store", () => TimeSpan.Zero, () => View(7));

        Assert.Equal(["gauged-shop 4 s", "gauged-store 0 s"], Measure<double>("ringkeeper.view.age"));
        Assert.Equal(["gauged-shop 10 ", "gauged-store 7 "], Measure<long>("ringkeeper.topology.version"));

        second.Dispose();
        other.Dispose();
        Assert.Equal(["gauged-shop 1.5 s"], Measure<double>("ringkeeper.view.age"));
        Assert.Equal(["gauged-shop 20 "], Measure<long>("ringkeeper.topology.version"));
    }

    [Fact]
    public void Each_shard_has_one_state_by_the_view_that_is_furthest_behind()
    {
        using var ahead = new ViewGauges("gauged-shards", () => TimeSpan.Zero, () => View(20, new ShardStatus(":1", true, 1), new(":2", true, 1), new(":3", true, 1)));
        using var behind = new ViewGauges("gauged-shards", () => TimeSpan.Zero, () => View(10, new ShardStatus(":1", true, 1), new(":2", false, 1), new(":3", false, 1)));
        using var unconnected = new ViewGauges("gauged-none", () => TimeSpan.Zero, () => null);

        var measured = Measure<int>("ringkeeper.shard.health", "ringkeeper.shard.id", "ringkeeper.shard.state").ToList();

        Assert.Equal(16, measured.Count);
        Assert.Equal(["gauged-shards a alive 1 ", "gauged-shards b dead 1 ", "gauged-shards c drained 1 ", "gauged-shards d undecided 1 "], measured.Where(static line => line.EndsWith(" 1 ", StringComparison.Ordinal)));
    }

    private static ClusterView View(long topologyVersion, params ShardStatus[] statuses) =>
        new(new ConsistentRingBuilder("4").Build([new("a", ":1"), new("b", ":2"), new("c", ":3") { Drained = true }, new("d", ":4")]), true, topologyVersion, 0, 1, statuses.ToDictionary(static status => status.Addr));

    private static IEnumerable<string> Measure<T>(string name, params string[] further)
        where T : struct
    {
        var seen = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == RingKeeperTelemetry.SourceName && instrument.Name == name)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<T>((instrument, value, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary();
            Assert.Equal(["ringkeeper.cluster", .. further], named.Keys);

            // Other tests of this process have clusters too.
            if (named["ringkeeper.cluster"] is string cluster && cluster.StartsWith("gauged-", StringComparison.Ordinal))
            {
                seen.Add(FormattableString.Invariant($"{string.Join(' ', named.Values)} {value} {instrument.Unit}"));
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return seen.Order(StringComparer.Ordinal);
    }
}
