using CsCheck;
using RingKeeper.Cli.Documents;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class ClusterDocumentTests
{
    private const string Complete = """
        name: orders
        options:
          failoverEnabled: true
          ringType: Ketama
          ringParams: 160
          hashTag: "{}"
          expectedCheckers: 3
          extra:
            Later: '{"a":1}'
        shards:
          - name: a
            addr: 10.0.0.1:6379
          - name: 7
            addr: 10.0.0.2:6379
            weight: 3
            extra:
              Rack: '"r1"'
        """;

    [Fact]
    public void What_is_written_reads_back_to_the_same_bytes() =>
        Gen.Select(Clusters.Any, Gen.Bool).Sample((cluster, json) =>
        {
            var read = Assert.Single(ClusterDocumentReader.Read("f", Clusters.Write(json, cluster)));

            Assert.Equal(cluster.Name, read.Name);
            Assert.Equal(Clusters.Bytes(cluster), Clusters.Bytes(read));
            Assert.Equal(Clusters.Write(json, cluster), Clusters.Write(json, read));
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Several_clusters_in_one_file_stay_apart(bool json) =>
        Gen.Select(Clusters.Any, Clusters.Any).Where((a, b) => a.Name != b.Name).Sample((a, b) =>
        {
            var read = ClusterDocumentReader.Read("f", Clusters.Write(json, a, b));

            Assert.Equal([a.Name, b.Name], read.Select(cluster => cluster.Name));
            Assert.Equal([Clusters.Bytes(a), Clusters.Bytes(b)], read.Select(Clusters.Bytes));
        });

    [Fact]
    public void A_document_says_everything_that_stands_in_ZooKeeper()
    {
        var cluster = Assert.Single(ClusterDocumentReader.Read("f", Complete));

        Assert.Equal("orders", cluster.Name);
        Assert.Equal(
            """{"FailoverEnabled":true,"RingType":"Ketama","RingParams":"160","ExpectedCheckers":3,"HashTag":"{}","Later":{"a":1}}[{"Name":"a","Addr":"10.0.0.1:6379"},{"Name":"7","Addr":"10.0.0.2:6379","Weight":3,"Rack":"r1"}]""",
            Clusters.Bytes(cluster));
    }

    [Fact]
    public void An_export_is_easy_on_the_eye() => Assert.Equal(
        """
        ---
        name: orders
        options:
          failoverEnabled: true
          ringType: Ketama
          ringParams: "160"
          expectedCheckers: 3
          hashTag: "{}"
          extra:
            Later: '{"a":1}'
        shards:
          - name: a
            addr: 10.0.0.1:6379
          - name: "7"
            addr: 10.0.0.2:6379
            weight: 3
            extra:
              Rack: '"r1"'
        """,
        Clusters.Write(false, [.. ClusterDocumentReader.Read("f", Complete)]));

    [Fact]
    public void What_an_older_version_carried_along_may_be_known_by_now() =>
        Assert.Equal("murmur", ClusterDocumentReader.Read("f", Complete.Replace("Later: '{\"a\":1}'", "KeyHash: '\"murmur\"'", StringComparison.Ordinal))[0].Options.KeyHash);

    [Fact]
    public void A_document_says_what_holds_deaths_back_and_what_is_drained()
    {
        var cluster = Assert.Single(ClusterDocumentReader.Read("f", Complete
            .Replace("expectedCheckers: 3", "expectedCheckers: 3\n  maxDeadPercent: 70\n  flapPolicy: off", StringComparison.Ordinal)
            .Replace("weight: 3", "weight: 3\n    drained: true", StringComparison.Ordinal)));

        Assert.Equal((70, FlapPolicy.Off), (cluster.Options.MaxDeadPercent, cluster.Options.FlapPolicy));
        Assert.Equal([false, true], cluster.Shards.Select(shard => shard.Drained));
        var text = Clusters.Write(false, cluster);
        Assert.Contains("  maxDeadPercent: 70\n  flapPolicy: \"Off\"\n", text, StringComparison.Ordinal);
        Assert.Contains("    weight: 3\n    drained: true\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_says_what_holds_for_copies()
    {
        var cluster = Assert.Single(ClusterDocumentReader.Read("f", Complete
            .Replace("expectedCheckers: 3", "expectedCheckers: 3\n  clockToleranceMs: 500\n  warmReturnMs: 60000", StringComparison.Ordinal)));

        Assert.Equal((TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1)), (cluster.Options.ClockTolerance, cluster.Options.WarmReturn));
        Assert.Contains("  clockToleranceMs: 500\n  warmReturnMs: 60000\n", Clusters.Write(false, cluster), StringComparison.Ordinal);
        Assert.Contains("\"clockToleranceMs\": 500, \"warmReturnMs\": 60000", Clusters.Write(true, cluster), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clockToleranceMs: 0", "ClockTolerance 00:00:00 ")]
    [InlineData("warmReturnMs: 999", "WarmReturn 00:00:00.9990000 ")]
    [InlineData("maxDeadPercent: 0", "MaxDeadPercent 0 ")]
    [InlineData("maxDeadPercent: 101", "MaxDeadPercent 101 ")]
    public void A_document_with_an_option_out_of_range_is_refused_before_anything_is_written(string option, string named)
    {
        var cluster = Assert.Single(ClusterDocumentReader.Read("f", Complete.Replace("expectedCheckers: 3", option, StringComparison.Ordinal)));

        var refusal = Assert.Throws<RingKeeperException>(() => ClusterPlan.Make(cluster, null));
        Assert.StartsWith("f, line 1: cluster 'orders': ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rendezvous_needs_no_parameters() =>
        Assert.Equal("", ClusterDocumentReader.Read("f", "{name: a, options: {failoverEnabled: true, ringType: rendezvous}, shards: [{name: a, addr: 'h:1'}]}")[0].Options.RingParams);

    [Theory]
    [InlineData("hashTag:", "hashtagg:", 6, "hashtagg is not a field of options")]
    [InlineData("weight: 3", "colour: 3", 15, "colour is not a field of a shard")]
    [InlineData("name: orders", "name: orders\ncolour: 3", 2, "colour is not a field of a cluster")]
    [InlineData("weight: 3", "weight: many", 15, "weight must be an integer")]
    [InlineData("weight: 3", "weight: \"3\"", 15, "weight must be an integer")]
    [InlineData("weight: 3", "drained: 1", 15, "drained must be true or false")]
    [InlineData("expectedCheckers: 3", "flapPolicy: soft", 7, "flapPolicy must be Go, Decaying or Off, not 'soft'")]
    [InlineData("expectedCheckers: 3", "clockToleranceMs: 500ms", 7, "clockToleranceMs must be an integer")]
    [InlineData("expectedCheckers: 3", "maxDeadPercent: half", 7, "maxDeadPercent must be an integer")]
    [InlineData("weight: 3", "weight: -3", 15, "weight must be between 0 and")]
    [InlineData("weight: 3", "weight:", 15, "weight has no value")]
    [InlineData("weight: 3", "weight: [3]", 15, "weight must be a single value")]
    [InlineData("failoverEnabled: true", "failoverEnabled: yes", 3, "failoverEnabled must be true or false")]
    [InlineData("failoverEnabled: true", "failoverEnabled: \"true\"", 3, "failoverEnabled must be true or false")]
    [InlineData("hashTag: \"{}\"", "hashTag: {}", 6, "hashTag must be a single value")]
    [InlineData("  ringType: Ketama\n", "", 3, "options has no ringType")]
    [InlineData("  ringParams: 160\n", "", 3, "options has no ringParams")]
    [InlineData("  failoverEnabled: true\n", "", 3, "options has no failoverEnabled")]
    [InlineData("    addr: 10.0.0.1:6379\n", "", 11, "a shard has no addr")]
    [InlineData("name: orders\n", "", 1, "the cluster has no name")]
    [InlineData("ringType: Ketama", "ringType: Ketama\n  ringType: Ketama", 5, "ringType is given twice")]
    [InlineData("ringType: Ketama", "ringType: Ketama\n  RingType: Ketama", 5, "RingType is given twice")]
    [InlineData("Later: '{\"a\":1}'", "RINGTYPE: '\"Ketama\"'", 9, "RINGTYPE is given twice")]
    [InlineData("Later: '{\"a\":1}'", "Later: soft", 9, "extra.Later must be JSON text")]
    [InlineData("Later: '{\"a\":1}'", "Later: {a: 1}", 9, "extra.Later must be JSON text")]
    [InlineData("name: orders", "name: &a orders", 1, "anchors (&) and aliases (*)")]
    [InlineData("name: orders", "name: *a", 1, "anchors (&) and aliases (*)")]
    [InlineData("name: orders", "name: !a orders", 1, "tags (!)")]
    [InlineData("name: orders", "name: !!str orders", 1, "tags (!)")]
    [InlineData("name: orders", "name: @orders", 1, "this is not YAML")]
    [InlineData("name: orders", "? [a, b]\n: 1\nname: orders", 1, "a name must be a text")]
    [InlineData("  - name: a\n", "  - a\n  - name: a\n", 11, "a shard must be names with values")]
    [InlineData("Later: '{\"a\":1}'", "Deep: [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]", 9, "nested more than")]
    public void A_flaw_is_told_with_its_file_line_and_field(string good, string bad, int line, string named)
    {
        var text = Complete.Replace(good, bad, StringComparison.Ordinal);
        Assert.NotEqual(Complete, text);

        var flaw = Assert.Throws<RingKeeperException>(() => ClusterDocumentReader.Read("c.yaml", text));

        Assert.StartsWith($"c.yaml, line {line}", flaw.Message, StringComparison.Ordinal);
        Assert.Contains(named, flaw.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{name: a,\noptions: none, shards: []}", "f, line 2: options must be names with values")]
    [InlineData("{name: a,\noptions: {failoverEnabled: true, ringType: a, ringParams: a}, shards: none}", "f, line 2: shards must be a list")]
    [InlineData("text", "f, line 1: a cluster must be names with values")]
    [InlineData("'unclosed", "f, line 1, column 1: this is not YAML")]
    public void A_value_of_the_wrong_kind_is_told(string text, string named) =>
        Assert.StartsWith(named, Assert.Throws<RingKeeperException>(() => ClusterDocumentReader.Read("f", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_format_of_a_later_version_is_refused() =>
        Assert.Contains("format 2", Assert.Throws<RingKeeperException>(() => ClusterDocumentReader.Read("f", Complete.Replace("hashTag: \"{}\"", "format: 2", StringComparison.Ordinal))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("# nothing")]
    [InlineData("---\n---\n")]
    [InlineData("[]")]
    public void A_file_without_any_cluster_is_refused(string text) =>
        Assert.Contains("describes no cluster", Assert.Throws<RingKeeperException>(() => ClusterDocumentReader.Read("f", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_text_is_read_or_refused_as_that_of_its_file() =>
        Gen.OneOf(
            "a", ": ", ":", "- ", "-", "\n", "\n  ", " ", "'", "\"", "{", "}", "[", "]", ",", "?", "? ", "&", "&a ", "*a", "!", "!a ", "!<", "!<a> ", "!!", ">", "|", ">-\n", "%", "%TAG ! x\n", "%TAG !a! !\n", "%YAML 1.2\n", "%YAML 9.1\n", "@", "`",
            "---", "--- ", "...\n", "\t", "#", " #", "\\", "\\x", "\\ud800", "\0", "\u0085", "\ufeff", "\ud83d", "<<", "=", "~", "name: a\n", "options: ", "shards: ", "extra: ").Array[0, 14].Select(string.Concat)
            .Sample(text =>
            {
                try
                {
                    _ = ClusterDocumentReader.Read("the file", text);
                }
                catch (RingKeeperException e)
                {
                    Assert.StartsWith("the file", e.Message, StringComparison.Ordinal);
                }
            });

    [Fact]
    public void A_cluster_described_twice_is_refused()
    {
        var flaw = Assert.Throws<RingKeeperException>(() => ClusterDocumentReader.Read("f", $"{Complete}\n---\n{Complete}"));

        Assert.Equal("f, line 19: cluster 'orders' is described twice, here and on line 1.", flaw.Message);
    }
}
