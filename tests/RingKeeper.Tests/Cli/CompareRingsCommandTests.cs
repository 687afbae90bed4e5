using System.Text.Json;
using RingKeeper.Cli;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class CompareRingsCommandTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Every_type_of_ring_is_measured_over_the_given_names()
    {
        Assert.Equal(0, await _cli.RunAsync(CliHandlers.Wired, "ring", "compare", "--shard", "a", "b", "--shard", "c", "--shard", "d", "--json"));

        using var json = JsonDocument.Parse(_cli.Output);
        var rings = json.RootElement.GetProperty("rings").EnumerateArray().ToDictionary(ring => ring.GetProperty("ring").GetString()!);
        Assert.Equal(["Consistent", "ConsistentTagged", "Ketama", "Rendezvous"], rings.Keys);
        Assert.Equal(100_000, json.RootElement.GetProperty("keys").GetInt32());
        Assert.All(rings.Values, ring =>
        {
            Assert.Equal(0.25, ring.GetProperty("mean").GetDouble(), 12);
            Assert.InRange(ring.GetProperty("min").GetDouble(), 0.1, 0.25);
            Assert.InRange(ring.GetProperty("max").GetDouble(), 0.25, 0.5);
            Assert.Equal(3, ring.GetProperty("heirs").GetDouble());
        });
        Assert.InRange(rings["Rendezvous"].GetProperty("deviation").GetDouble(), 0.00001, 0.005);
        Assert.InRange(rings["Rendezvous"].GetProperty("largestHeir").GetDouble(), 1 / 3.0, 0.36);
    }

    [Fact]
    public async Task Fewer_points_spread_keys_less_evenly()
    {
        Assert.True(await DeviationAsync("4") > 2 * await DeviationAsync("1000"));
    }

    [Fact]
    public async Task Without_JSON_a_table_has_one_line_for_each_ring()
    {
        Assert.Equal(0, await _cli.RunAsync(CliHandlers.Wired, "ring", "compare", "--shard", "a", "b"));

        var lines = _cli.Output.TrimEnd().Split(Environment.NewLine);
        Assert.Equal(6, lines.Length);
        Assert.StartsWith("ring ", lines[0], StringComparison.Ordinal);
        Assert.Matches("^Rendezvous +[0-9.]+% +50.00% ", lines[4]);
    }

    private static async Task<double> DeviationAsync(string points)
    {
        using var cli = new CliRun();
        Assert.Equal(0, await cli.RunAsync(CliHandlers.Wired, "ring", "compare", "--shard", "a", "b", "c", "d", "e", "--ring-params", points, "--json"));
        using var json = JsonDocument.Parse(cli.Output);
        return json.RootElement.GetProperty("rings")[0].GetProperty("deviation").GetDouble();
    }
}
