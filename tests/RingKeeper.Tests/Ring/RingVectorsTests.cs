using System.Text.Json.Nodes;
using Xunit;

namespace RingKeeper.Tests.Ring;

public sealed class RingVectorsTests
{
    private static readonly string VectorFile = Path.Combine(AppContext.BaseDirectory, "vectors", "ring-vectors.json");

    [Fact]
    public void Every_vector_of_the_Go_package_matches()
    {
        var report = RingVectors.Verify(VectorFile);

        Assert.Empty(report.Rings.SelectMany(ring => ring.FirstMismatches));
        Assert.Equal(0, report.Mismatched);
        Assert.Equal(82, report.Rings.Count);
        Assert.Equal(11_580, report.Rings.Sum(ring => ring.KeysMatched));
        Assert.Equal(243, report.Rings.Sum(ring => ring.HashesMatched));
    }

    [Theory]
    [InlineData("results/0/owner", "1")]
    [InlineData("results/3/order", "[2,1,0]")]
    [InlineData("first20/0/h", "12")]
    [InlineData("all_points/1/o", "1")]
    [InlineData("n_points", "13")]
    [InlineData("points_sha256", "\"00\"")]
    [InlineData("orders_sha256", "\"00\"")]
    [InlineData("walks_sha256", "\"00\"")]
    [InlineData("walks/0/walk", "[0]")]
    [InlineData("ring_params", "\"0\"")]
    public void A_changed_fact_is_a_mismatch_that_names_its_ring(string path, string value)
    {
        var id = "collision0";
        var file = Changed(root =>
        {
            var node = root["rings"]!.AsArray().Single(ring => ring!["id"]!.GetValue<string>() == id)!;
            var steps = path.Split('/');
            foreach (var step in steps[..^1])
            {
                node = int.TryParse(step, out var index) ? node[index]! : node[step]!;
            }

            node[steps[^1]] = JsonNode.Parse(value);
        });

        var report = RingVectors.Verify(file);

        Assert.NotEqual(0, report.Mismatched);
        Assert.Contains($"ring '{id}'", report.Rings.SelectMany(ring => ring.FirstMismatches).First(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_owner_of_a_key_without_an_order_is_a_mismatch()
    {
        var file = Changed(root => root["rings"]!.AsArray().Single(ring => ring!["id"]!.GetValue<string>() == "s100/4")!["owners_csv"] = string.Join(',', Enumerable.Repeat("0", 200)));

        Assert.True(RingVectors.Verify(file).Mismatched > 100);
    }

    [Fact]
    public void A_ring_that_must_be_refused_but_builds_is_a_mismatch()
    {
        var file = Changed(root => root["ring_build_edge_cases"]![0]!["ring_params"] = "4");

        Assert.Equal(1, RingVectors.Verify(file).Mismatched);
    }

    [Theory]
    [InlineData("shards", "5", "field 'shards'")]
    [InlineData("ring_params", "4", "field 'ring_params'")]
    [InlineData("results", "[{\"k\":0}]", "field 'owner'")]
    [InlineData("results", "[{\"k\":999,\"owner\":0,\"order\":[0]}]", "field 'k'")]
    [InlineData("points_sha256", "true", "field 'points_sha256'")]
    public void A_malformed_file_is_refused_by_file_ring_and_field(string field, string value, string named)
    {
        var file = Changed(root => root["rings"]![2]![field] = JsonNode.Parse(value));

        var exception = Assert.Throws<RingKeeperException>(() => RingVectors.Verify(file));

        Assert.Contains(file, exception.Message, StringComparison.Ordinal);
        Assert.Contains("ring 's1/4'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_missing_or_no_JSON_is_refused_by_name()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "vectors.json");
        Assert.Contains(file, Assert.Throws<RingKeeperException>(() => RingVectors.Verify(file)).Message, StringComparison.Ordinal);

        File.WriteAllText(file, "{");
        Assert.Contains(file, Assert.Throws<RingKeeperException>(() => RingVectors.Verify(file)).Message, StringComparison.Ordinal);
    }

    private static string Changed(Action<JsonNode> change)
    {
        var root = JsonNode.Parse(File.ReadAllText(VectorFile))!;
        change(root);
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "vectors.json");
        File.WriteAllText(file, root.ToJsonString());
        return file;
    }
}
