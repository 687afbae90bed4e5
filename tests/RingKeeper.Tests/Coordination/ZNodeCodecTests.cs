using System.Text;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public class ZNodeCodecTests
{
    [Fact]
    public void Shards_are_written_byte_for_byte_as_Go_writes_them()
    {
        var bytes = ZNodeCodec.EncodeShards([new Shard("node1", ":6378"), new Shard("nöd\u00e92<&>", ":6379")]);

        Assert.Equal("[{\"Name\":\"node1\",\"Addr\":\":6378\"},{\"Name\":\"nöd\u00e92\\u003c\\u0026\\u003e\",\"Addr\":\":6379\"}]", Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void Options_without_fields_of_ours_are_the_65_bytes_of_the_Go_package()
    {
        var bytes = ZNodeCodec.EncodeOptions(new ZKClusterOptions { RingParams = "4" });

        Assert.Equal("""{"FailoverEnabled":true,"RingType":"Consistent","RingParams":"4"}""", Encoding.UTF8.GetString(bytes));
        Assert.Equal(65, bytes.Length);
    }

    [Fact]
    public void Options_keep_fields_that_this_version_does_not_know()
    {
        var json = """{"FailoverEnabled":true,"RingType":"Consistent","RingParams":"4","ExpectedCheckers":3,"Later":{"a":[1,2]}}""";

        var options = ZNodeCodec.DecodeOptions("/p", Encoding.UTF8.GetBytes(json));

        Assert.Equal(3, options.ExpectedCheckers);
        Assert.Equal(json, Encoding.UTF8.GetString(ZNodeCodec.EncodeOptions(options)));
    }

    [Fact]
    public void Fields_that_move_keys_are_written_only_where_they_are_set()
    {
        var options = new ZKClusterOptions { RingType = "Ketama", HashTag = "{}", KeyHash = "md5" };
        Shard[] shards = [new("a", ":1"), new("b", ":2") { Weight = 3 }];

        var written = Encoding.UTF8.GetString(ZNodeCodec.EncodeOptions(options));

        Assert.Equal("""{"FailoverEnabled":true,"RingType":"Ketama","RingParams":"160","HashTag":"{}","KeyHash":"md5"}""", written);
        Assert.Equal(options, ZNodeCodec.DecodeOptions("/p", Encoding.UTF8.GetBytes(written)));
        Assert.Equal("""[{"Name":"a","Addr":":1"},{"Name":"b","Addr":":2","Weight":3}]""", Encoding.UTF8.GetString(ZNodeCodec.EncodeShards(shards)));
        Assert.Equal(shards, ZNodeCodec.DecodeShards("/p", ZNodeCodec.EncodeShards(shards)));
    }

    [Fact]
    public void Shards_keep_fields_that_this_version_does_not_know()
    {
        var json = """[{"Name":"ä","Addr":":1","Weight":2,"Drained":true,"Later":{"a":[1,"ö"]}},{"Name":"b","Addr":":2"}]""";

        var shards = ZNodeCodec.DecodeShards("/p", Encoding.UTF8.GetBytes(json));

        Assert.Equal(json, Encoding.UTF8.GetString(ZNodeCodec.EncodeShards(shards)));
        Assert.Equal(shards, ZNodeCodec.DecodeShards("/p", Encoding.UTF8.GetBytes(json)));
        Assert.NotEqual(shards[0], ZNodeCodec.DecodeShards("/p", Encoding.UTF8.GetBytes(json.Replace("true", "false", StringComparison.Ordinal)))[0]);
    }

    [Theory]
    [InlineData("""[{"name":"a","ADDR":":1","weight":5}]""", 5)]
    [InlineData("""[{"Name":"a","Addr":":1","Weight":null}]""", 1)]
    [InlineData("""[{"Name":"a","Addr":":1"}]""", 1)]
    [InlineData("""[{"Name":"a","Addr":":1","Weight":0}]""", 0)]
    public void A_weight_is_read_as_tolerantly_as_the_other_fields(string json, int weight) =>
        Assert.Equal(weight, Assert.Single(ZNodeCodec.DecodeShards("/p", Encoding.UTF8.GetBytes(json))).Weight);

    [Theory]
    [InlineData("""{"hashtag":"{}","KEYHASH":"md5"}""", "{}", "md5")]
    [InlineData("""{"HashTag":null,"KeyHash":null}""", null, null)]
    [InlineData("""{"HashTag":null}""", null, null)]
    [InlineData("""{"KeyHash":null}""", null, null)]
    [InlineData("""{"KeyHash":null,"HashTag":"{}","KeyHash":"md5"}""", "{}", "md5")]
    [InlineData("""{"HashTag":"","KeyHash":""}""", "", "")]
    public void Hash_tag_and_key_hash_are_read_as_tolerantly_as_the_other_fields(string json, string? tag, string? hash)
    {
        var options = ZNodeCodec.DecodeOptions("/p", Encoding.UTF8.GetBytes(json));

        Assert.Equal((tag, hash), (options.HashTag, options.KeyHash));
    }

    [Fact]
    public void A_format_of_the_future_is_refused_and_named()
    {
        var e = Assert.Throws<RingKeeperException>(() => ZNodeCodec.DecodeOptions("/goreclusters/x/options", """{"Format":2}"""u8));

        Assert.Contains("format 2", e.Message, StringComparison.Ordinal);
        Assert.Contains("/goreclusters/x/options", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_format_of_the_future_is_told_even_if_nothing_else_can_be_read()
    {
        var e = Assert.Throws<RingKeeperException>(() => ZNodeCodec.DecodeOptions("/p", """{"HashTag":{"Left":"{"},"FORMAT":3}"""u8));

        Assert.Contains("format 3", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "Unknown")]
    [InlineData("null", "Unknown")]
    [InlineData("{oops", "Unknown")]
    [InlineData("""{":1":{"Addr":":1","Alive":true,"Since":7,"Seen":8}}""", "RingKeeper")]
    [InlineData("""{":1":{"Addr":":1","Alive":true,"Since":7}}""", "Go")]
    [InlineData("""{":1":{"Addr":":1","Alive":true,"Since":7,"Seen":8},":2":{"Addr":":2","Alive":true,"Since":7}}""", "Go")]
    public void A_vote_without_the_time_it_was_written_is_a_Go_checkers(string vote, string kind) =>
        Assert.Equal(kind, ZNodeCodec.KindOfVoter(Encoding.UTF8.GetBytes(vote)).ToString());

    [Fact]
    public void A_vote_says_when_it_was_written_behind_the_fields_that_Go_reads() =>
        Assert.Equal("""{":1":{"Addr":":1","Alive":true,"Since":7,"Seen":9}}""", Encoding.UTF8.GetString(ZNodeCodec.EncodeVote(new Dictionary<string, VoteEntry> { [":1"] = new(new(":1", true, 7)) { Seen = 9 } })));

    [Fact]
    public void A_status_is_written_with_its_keys_in_byte_order_and_the_key_as_inner_address()
    {
        var bytes = ZNodeCodec.EncodeStatuses(new Dictionary<string, ShardStatus>
        {
            [":6379"] = new("other", false, 2),
            [":6378"] = new(":6378", true, 1795361502119689),
        });

        Assert.Equal("""{":6378":{"Addr":":6378","Alive":true,"Since":1795361502119689},":6379":{"Addr":":6379","Alive":false,"Since":2}}""", Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void An_empty_status_is_an_empty_object_and_never_null() =>
        Assert.Equal("{}", Encoding.UTF8.GetString(ZNodeCodec.EncodeStatuses(new Dictionary<string, ShardStatus>())));

    [Theory]
    [InlineData("""{":1":{"addr":":1","ALIVE":true,"since":7}}""")]
    [InlineData("""{ ":1" : { "Since" : 7, "Alive" : true, "Addr" : ":1" } }""")]
    [InlineData("""{":1":{"Addr":":1","Alive":true,"Since":7,"Unknown":{"x":[null]}}}""")]
    [InlineData("""{":1":{"Addr":"a","Addr":":1","Alive":true,"Since":1,"Since":7}}""")]
    [InlineData("""{":1":{"Addr":"\u003a1","Alive":true,"Since":7,"Addr":null}}""")]
    [InlineData("""{":1":null,":1":{"Addr":":1","Alive":true,"Since":7}}""")]
    public void What_Go_accepts_is_read_alike(string json)
    {
        var statuses = ZNodeCodec.DecodeStatuses("/p", Encoding.UTF8.GetBytes(json));

        Assert.Equal(new ShardStatus(":1", true, 7), Assert.Single(statuses!).Value);
    }

    [Theory]
    [InlineData("\ufeff{}")]
    [InlineData("{}x")]
    [InlineData("{} {}")]
    [InlineData("""{":1":{"Alive":true},}""")]
    [InlineData("{':1':{}}")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{":1":[]}""")]
    [InlineData("""{":1":{"Alive":"true"}}""")]
    [InlineData("""{":1":{"Alive":1}}""")]
    [InlineData("""{":1":{"Since":5.0}}""")]
    [InlineData("""{":1":{"Since":1.7e15}}""")]
    [InlineData("""{":1":{"Since":"5"}}""")]
    [InlineData("""{":1":{"Since":9223372036854775808}}""")]
    [InlineData("""{":1":{"Addr":5}}""")]
    public void What_Go_refuses_is_an_error_that_names_the_znode(string json)
    {
        var e = Assert.Throws<RingKeeperException>(() => ZNodeCodec.DecodeStatuses("/goreclusters/x/status", Encoding.UTF8.GetBytes(json)));

        Assert.Contains("/goreclusters/x/status", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_status_of_null_says_nothing() => Assert.Null(ZNodeCodec.DecodeStatuses("/p", "null"u8));

    [Fact]
    public void Shards_that_are_null_are_none_and_a_null_shard_is_empty()
    {
        Assert.Empty(ZNodeCodec.DecodeShards("/p", "null"u8));
        Assert.Equal(new Shard("", ""), Assert.Single(ZNodeCodec.DecodeShards("/p", "[null]"u8)));
    }

    [Fact]
    public void Broken_text_becomes_the_replacement_character_as_in_Go()
    {
        byte[] json = [.. "[{\"Name\":\"a"u8, 0xff, .. "\",\"Addr\":\"\\ud800\"}]"u8];

        Assert.Equal(new Shard("a\ufffd", "\ufffd"), Assert.Single(ZNodeCodec.DecodeShards("/p", json)));
    }

    [Theory]
    [InlineData("1795361500939340", 1795361500939340)]
    [InlineData("", 0)]
    [InlineData("abc", 0)]
    [InlineData("1.5", 0)]
    [InlineData("0123", 123)]
    [InlineData("99999999999999999999", long.MaxValue)]
    [InlineData("-99999999999999999999", long.MinValue)]
    public void A_stamp_is_read_as_Go_reads_it(string text, long stamp) => Assert.Equal(stamp, ZNodeCodec.DecodeStamp(Encoding.ASCII.GetBytes(text)));
}
