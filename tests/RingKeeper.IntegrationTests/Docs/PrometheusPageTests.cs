using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using RingKeeper.Dashboard;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The names of metrics for Prometheus on docs/metrics.md, held to what the libraries make.</summary>
public sealed partial class PrometheusPageTests
{
    private const int MatchTimeout = 10_000;

    [Fact]
    public void Every_instrument_of_the_libraries_has_its_metric_on_the_page_and_nothing_else_does()
    {
        var rows = File.ReadAllLines(PageCode.PathOf("docs/metrics.md")).Select(static line => Row().Match(line)).Where(static row => row.Success)
            .Select(static row => (row.Groups["instrument"].Value, row.Groups["metric"].Value)).ToList();
        Assembly[] libraries = [typeof(ZooKeeperClient).Assembly, typeof(ZKCluster).Assembly, typeof(VersionedCache).Assembly];
        var instruments = libraries.SelectMany(static library => library.GetTypes()).Where(static type => !type.ContainsGenericParameters)
            .SelectMany(static type => type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(static field => typeof(Instrument).IsAssignableFrom(field.FieldType)).Select(Read).ToList();

        Assert.True(instruments.Count >= 20, $"Only {instruments.Count} instruments are found: they are no longer kept as expected.");
        Assert.Equal(
            instruments.Select(static instrument => (instrument.Name, PrometheusName.Of(instrument))).Distinct().Order(),
            rows.Order());
    }

    private static Instrument Read(FieldInfo field)
    {
        RuntimeHelpers.RunClassConstructor(field.DeclaringType!.TypeHandle);
        return (Instrument)field.GetValue(null)!;
    }

    [GeneratedRegex(@"^\| `(?<instrument>[a-z_.]+)` \| `(?<metric>[a-z_]+)` \|$", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Row();
}
