using System.Text;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Coordination;

/// <summary>What a manager that knows only the Go package's fields cannot lose.</summary>
public class RecordedFieldsTests
{
    private const string Go = """{"FailoverEnabled":true,"RingType":"Ketama","RingParams":"160"}""";

    [Fact]
    public void Fields_that_the_options_lack_are_taken_from_the_record()
    {
        var (options, restored) = Options(Go, """{"FailoverEnabled":false,"RingType":"ketama","RingParams":"40","ExpectedCheckers":3,"HashTag":"{}","KeyHash":"md5","Later":[1]}""");

        Assert.Equal((true, "Ketama", "160", 3, "{}", "md5"), (options.FailoverEnabled, options.RingType, options.RingParams, options.ExpectedCheckers, options.HashTag, options.KeyHash));
        Assert.Equal("""{"FailoverEnabled":true,"RingType":"Ketama","RingParams":"160","ExpectedCheckers":3,"HashTag":"{}","KeyHash":"md5","Later":[1]}""", Encoding.UTF8.GetString(ZNodeCodec.EncodeOptions(options)));
        Assert.Equal(["ExpectedCheckers", "HashTag", "KeyHash", "Later"], restored);
    }

    [Fact]
    public void Fields_that_move_keys_mean_something_only_to_the_ring_they_were_given_for()
    {
        var (options, restored) = Options("""{"RingType":"Consistent"}""", """{"RingType":"Ketama","ExpectedCheckers":3,"HashTag":"{}","KeyHash":"md5"}""");

        Assert.Equal((3, null, null), (options.ExpectedCheckers, options.HashTag, options.KeyHash));
        Assert.Equal(["ExpectedCheckers"], restored);
    }

    [Theory]
    [InlineData("""{"RingType":"Ketama","HashTag":"[]","KeyHash":""}""", "[]", "")]
    [InlineData("""{"RingType":"Ketama","hashtag":"[]","KEYHASH":null}""", "[]", null)]
    public void A_field_that_is_given_wins_in_any_case(string given, string? tag, string? hash)
    {
        var (options, restored) = Options(given, """{"RingType":"Ketama","HashTag":"{}","KeyHash":"md5"}""");

        Assert.Equal((tag, hash), (options.HashTag, options.KeyHash));
        Assert.Empty(restored);
    }

    [Theory]
    [InlineData("Ketama", """[{"Name":"a","Addr":":9","Weight":5,"Drained":true},{"Name":"new","Addr":":2"},{"Name":"c","Addr":":3","Weight":1}]""", "shard 'a': Weight,shard 'a': Drained")]
    [InlineData("Consistent", """[{"Name":"a","Addr":":9","Drained":true},{"Name":"new","Addr":":2"},{"Name":"c","Addr":":3","Weight":1}]""", "shard 'a': Drained")]
    public void A_shard_gets_its_fields_back_by_its_name(string ringType, string expected, string restored)
    {
        var node = """[{"Name":"a","Addr":":9"},{"Name":"new","Addr":":2"},{"Name":"c","Addr":":3","Weight":1}]"""u8;
        var history = Record("""{"RingType":"Ketama"}""", """[{"Name":"gone","Addr":":0","Weight":7},{"Name":"c","Addr":":3","Weight":2},{"Name":"a","Addr":":1","Weight":5,"Drained":true}]""");

        var (shards, names) = RecordedFields.RestoreShards(Encoding.UTF8.GetBytes($$"""{"RingType":"{{ringType}}"}"""), node, history);

        Assert.Equal(expected, Encoding.UTF8.GetString(shards));
        Assert.Equal(restored, string.Join(',', names));
    }

    [Fact]
    public void A_later_format_cannot_be_dropped_by_a_manager_that_does_not_know_it()
    {
        var (options, _) = RecordedFields.RestoreOptions(Encoding.UTF8.GetBytes(Go), Record("""{"RingType":"Ketama","Format":2}""", "[]"));

        Assert.Contains("format 2", Assert.Throws<RingKeeperException>(() => ZNodeCodec.DecodeOptions("/p", options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{oops")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"Stamp":1,"Shards":[]}""")]
    [InlineData("""{"Stamp":"1","Options":{},"Shards":[]}""")]
    [InlineData("""{"Stamp":1,"Options":{"HashTag":5},"Shards":[]}""")]
    [InlineData("""{"Stamp":1,"Options":{},"Shards":[{"Weight":"x"}]}""")]
    [InlineData("""{"Stamp":1,"Options":[],"Shards":[]}""")]
    public void A_record_that_cannot_be_read_adds_nothing_and_is_no_error(string json)
    {
        var history = HistoryNode.Decode("/goreclusters/x/history", Encoding.UTF8.GetBytes(json));
        var (options, restored) = RecordedFields.RestoreOptions(Encoding.UTF8.GetBytes(Go), history);
        var (shards, _) = RecordedFields.RestoreShards(Encoding.UTF8.GetBytes(Go), """[{"Name":"a","Addr":":1"}]"""u8, history);

        Assert.NotNull(history.Trouble);
        Assert.True(history.IsOutdated(1));
        Assert.Equal((Go, """[{"Name":"a","Addr":":1"}]"""), (Encoding.UTF8.GetString(options), Encoding.UTF8.GetString(shards)));
        Assert.Empty(restored);
    }

    [Fact]
    public void Fields_of_the_record_that_this_version_does_not_know_survive_writing_it_anew()
    {
        var read = HistoryNode.Decode("/p", """{"stamp":5,"Options":{"RingType":"Ketama"},"Shards":[],"Floor":7,"Later":[{"Time":3,"x":"é<"}]}"""u8);
        var half = HistoryNode.Decode("/p", """{"Stamp":5,"Floor":7,"Options":7,"Later":8}"""u8);

        Assert.Null(read.Trouble);
        Assert.Equal(
            """{"Stamp":9,"Options":{"FailoverEnabled":true,"RingType":"Consistent","RingParams":"160"},"Shards":[{"Name":"a","Addr":":1"}],"Floor":7,"EarlierOf":9,"Earlier":[],"Later":[{"Time":3,"x":"é<"}]}""",
            Encoding.UTF8.GetString(HistoryNode.Encode(9, new ZKClusterOptions(), [new Shard("a", ":1")], read.Unknown, new TopologyHistory(7, []))));
        Assert.Contains("\"Later\":8}", Encoding.UTF8.GetString(HistoryNode.Encode(9, new ZKClusterOptions(), [new Shard("a", ":1")], half.Unknown, TopologyHistory.None)), StringComparison.Ordinal);
        Assert.Equal(7, half.Floor);
    }

    [Theory]
    [InlineData(100, 50, 0, 100)]
    [InlineData(50, 100, 0, 100)]
    [InlineData(50, 50, 100, 100)]
    [InlineData(50, null, 100, 100)]
    public void A_Go_manager_whose_clock_is_behind_lowers_no_stamp(long cluster, int? recorded, long floor, long expected)
    {
        var history = HistoryNode.Missing with { Stamp = recorded, Floor = floor };

        Assert.Equal(expected, history.StampInEffect(cluster));
        var anew = HistoryNode.Decode("/p", HistoryNode.Encode(cluster, new ZKClusterOptions(), [], UnknownFields.None, new TopologyHistory(history.StampInEffect(cluster), [])));
        Assert.Equal(expected, anew.StampInEffect(cluster));
    }

    [Fact]
    public void Fields_as_deeply_nested_as_a_znode_may_hold_are_recorded_and_read_back()
    {
        // The leader would write a record that it cannot read back again with every count.
        var json = $"{{\"Deep\":{new string('[', 63)}{new string(']', 63)}}}";
        var options = ZNodeCodec.DecodeOptions("/p", Encoding.UTF8.GetBytes(json));

        var history = HistoryNode.Decode("/p", HistoryNode.Encode(1, options, [], UnknownFields.None, TopologyHistory.None));

        Assert.Null(history.Trouble);
        Assert.False(history.IsOutdated(1));
        Assert.Throws<RingKeeperException>(() => ZNodeCodec.DecodeOptions("/p", Encoding.UTF8.GetBytes(json.Replace("[]", "[[]]", StringComparison.Ordinal))));
    }

    [Fact]
    public void What_is_in_effect_stays_the_same_once_it_is_recorded_anew()
    {
        // Else a client that reads before the repair and one that reads after it would follow different rings under one revision.
        var fields = Gen.Select(Gen.Bool, Gen.Int[0, 2].Select(i => new[] { "Ketama", "ketama", "Consistent" }[i]), Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2]);
        Gen.Select(fields, fields, Gen.Int[0, 3].Array[0, 4], Gen.Int[0, 3].Array[0, 4]).Sample((present, recorded, shards, recordedShards) =>
        {
            var (node, shardNode) = (OptionsOf(present), ShardsOf(shards));
            var history = Record(OptionsOf(recorded), ShardsOf(recordedShards));
            var (options, restored) = Effective(node, shardNode, history);
            var anew = HistoryNode.Decode("/p", HistoryNode.Encode(1, options.Options, options.Shards, history.Unknown, TopologyHistory.None));

            Assert.Null(anew.Trouble);
            var (again, _) = Effective(node, shardNode, anew);
            Assert.Equal(options.Options, again.Options);
            Assert.Equal(options.Shards, again.Shards);

            // And nothing that is given was touched.
            var given = ZNodeCodec.DecodeOptions("/p", Encoding.UTF8.GetBytes(node));
            Assert.Equal((given.FailoverEnabled, given.RingType, given.RingParams), (options.Options.FailoverEnabled, options.Options.RingType, options.Options.RingParams));
            Assert.DoesNotContain(restored, name => !name.StartsWith("shard", StringComparison.Ordinal) && node.Contains($"\"{name}\"", StringComparison.OrdinalIgnoreCase));
        });
    }

    private static string OptionsOf((bool Failover, string Ring, int Tag, int Hash, int Expected, int Later) of) =>
        "{" + $"\"FailoverEnabled\":{(of.Failover ? "true" : "false")},\"RingType\":\"{of.Ring}\",\"RingParams\":\"160\""
            + (of.Tag == 0 ? "" : $",\"HashTag\":\"{(of.Tag == 1 ? "{}" : "[]")}\"")
            + (of.Hash == 0 ? "" : $",\"KeyHash\":\"{(of.Hash == 1 ? "md5" : "murmur")}\"")
            + (of.Expected == 0 ? "" : $",\"ExpectedCheckers\":{of.Expected}")
            + (of.Later == 0 ? "" : $",\"Later\":{of.Later}") + "}";

    private static string ShardsOf(int[] weights) =>
        $"[{string.Join(',', weights.Select((w, i) => $"{{\"Name\":\"s{i % 3}\",\"Addr\":\":{i + 1}\"{(w == 0 ? "" : w == 3 ? ",\"Drained\":true" : $",\"Weight\":{w}")}}}"))}]";

    private static ((ZKClusterOptions Options, IReadOnlyList<Shard> Shards) Effective, string[] Restored) Effective(string options, string shards, HistoryNode history)
    {
        var (optionData, restored) = RecordedFields.RestoreOptions(Encoding.UTF8.GetBytes(options), history);
        var (shardData, restoredShards) = RecordedFields.RestoreShards(Encoding.UTF8.GetBytes(options), Encoding.UTF8.GetBytes(shards), history);
        return ((ZNodeCodec.DecodeOptions("/p", optionData), ZNodeCodec.DecodeShards("/p", shardData)), [.. restored, .. restoredShards]);
    }

    private static (ZKClusterOptions Options, string[] Restored) Options(string node, string recorded)
    {
        var (data, restored) = RecordedFields.RestoreOptions(Encoding.UTF8.GetBytes(node), Record(recorded, "[]"));
        return (ZNodeCodec.DecodeOptions("/p", data), [.. restored]);
    }

    private static HistoryNode Record(string options, string shards)
    {
        var history = HistoryNode.Decode("/p", Encoding.UTF8.GetBytes($$"""{"Stamp":1,"Options":{{options}},"Shards":{{shards}}}"""));
        Assert.Null(history.Trouble);
        return history;
    }
}
