using System.Diagnostics.Metrics;
using Xunit;

namespace RingKeeper.Tests.Diagnostics;

public sealed class ViewGaugesTests
{
    [Fact]
    public void Clients_are_measured_while_they_live_and_the_one_furthest_behind_speaks_for_its_cluster()
    {
        using var first = new ViewGauges("gauged-shop", () => TimeSpan.FromSeconds(1.5), () => 20);
        var second = new ViewGauges("gauged-shop", () => TimeSpan.FromSeconds(4), () => 10);
        var other = new ViewGauges("gauged-store", () => TimeSpan.Zero, () => 7);

        Assert.Equal(["gauged-shop 4 s", "gauged-store 0 s"], Measure<double>("ringkeeper.view.age"));
        Assert.Equal(["gauged-shop 10 ", "gauged-store 7 "], Measure<long>("ringkeeper.topology.version"));

        second.Dispose();
        other.Dispose();
        Assert.Equal(["gauged-shop 1.5 s"], Measure<double>("ringkeeper.view.age"));
        Assert.Equal(["gauged-shop 20 "], Measure<long>("ringkeeper.topology.version"));
    }

    private static IEnumerable<string> Measure<T>(string name)
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
            var tag = Assert.Single(tags.ToArray());
            Assert.Equal("ringkeeper.cluster", tag.Key);

            // Other tests of this process have clusters too.
            if (tag.Value is string cluster && cluster.StartsWith("gauged-", StringComparison.Ordinal))
            {
                seen.Add(FormattableString.Invariant($"{cluster} {value} {instrument.Unit}"));
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return seen.Order(StringComparer.Ordinal);
    }
}
