using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public class ClusterRulesTests
{
    private static readonly Shard[] Good = [new("a", "a:1"), new("b", "[::1]:2"), new("c", ":3")];

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ü")]
    public void A_bad_cluster_name_is_refused_and_named(string name) =>
        Assert.Contains($"'{name}'", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckName(name)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_has_at_most_128_characters()
    {
        ClusterRules.CheckName(new string('a', 128));
        Assert.Throws<RingKeeperException>(() => ClusterRules.CheckName(new string('a', 129)));
    }

    [Fact]
    public void Good_shards_pass() => ClusterRules.CheckShards(Good);

    [Fact]
    public void A_cluster_needs_a_shard() => Assert.Throws<RingKeeperException>(() => ClusterRules.CheckShards([]));

    [Theory]
    [InlineData("a", "x:1", "name 'a'")]
    [InlineData("x", "a:1", "address 'a:1'")]
    public void Doubles_are_refused_and_named(string name, string addr, string named) =>
        Assert.Contains(named, Assert.Throws<RingKeeperException>(() => ClusterRules.CheckShards([.. Good, new Shard(name, addr)])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("nohost")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:x")]
    [InlineData("")]
    public void A_bad_address_is_refused_and_named(string addr) =>
        Assert.Contains($"'{addr}'", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckShards([new Shard("a", addr)])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_list_that_would_not_fit_one_transaction_is_refused() =>
        Assert.Throws<RingKeeperException>(() => ClusterRules.CheckShards([.. Enumerable.Range(1, 3000).Select(i => new Shard(new string('n', 90) + i, $"h{i}:1"))]));

    [Fact]
    public void A_list_of_256_KiB_passes_and_one_byte_more_is_refused_with_its_size()
    {
        var shards = Enumerable.Range(1, 2000).Select(i => new Shard(new string('n', 90) + i, $"h{i}:1")).ToList();
        var room = (256 * 1024) - ZNodeCodec.EncodeShards(shards).Length;
        shards[0] = shards[0] with { Name = shards[0].Name + new string('x', room) };
        ClusterRules.CheckShards(shards);

        shards[0] = shards[0] with { Name = shards[0].Name + "x" };
        Assert.Contains("262145 bytes", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckShards(shards)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_shards_options_and_history_fit_one_frame_of_ZooKeeper() =>
        Assert.True((256 * 1024) + (64 * 1024) + HistoryNode.MaxBytes + 4096 < 1_048_575);

    [Fact]
    public void Options_and_a_history_that_would_not_fit_one_transaction_are_refused()
    {
        var unknown = UnknownFields.None.With("Later", $"\"{new string('x', 64 * 1024)}\"");
        Assert.Contains("options take", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckOptions(new ZKClusterOptions { Unknown = unknown }, Good)).Message, StringComparison.Ordinal);
        var later = UnknownFields.None.With("Later", $"\"{new string('x', HistoryNode.MaxBytes)}\"");
        Assert.Contains("/goreclusters/x/history", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckedHistory("x", 1, new ZKClusterOptions(), Good, later, TopologyHistory.None)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("10001")]
    [InlineData("abc")]
    [InlineData(" 4")]
    public void Bad_ring_parameters_are_refused_and_named(string parameters) =>
        Assert.Contains($"'{parameters}'", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckOptions(new ZKClusterOptions { RingParams = parameters }, Good)).Message, StringComparison.Ordinal);

    [Fact]
    public void Empty_ring_parameters_and_the_largest_number_pass()
    {
        ClusterRules.CheckOptions(new ZKClusterOptions { RingParams = "" }, Good);
        ClusterRules.CheckOptions(new ZKClusterOptions { RingParams = "10000" }, Good);
    }

    [Theory]
    [InlineData("Ketama", "4")]
    [InlineData("Ketama", "")]
    [InlineData("Rendezvous", "160")]
    [InlineData("Rendezvous", "")]
    public void Each_ring_type_takes_its_own_parameters(string type, string parameters) =>
        ClusterRules.CheckOptions(new ZKClusterOptions { RingType = type, RingParams = parameters }, Good);

    [Theory]
    [InlineData("3")]
    [InlineData("10001")]
    public void Ketama_needs_a_whole_hash_of_points(string parameters) =>
        Assert.Contains($"'{parameters}'", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckOptions(new ZKClusterOptions { RingType = "ketama", RingParams = parameters }, Good)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_hash_tag_or_a_weight_with_the_ring_of_the_Go_package_is_refused()
    {
        Assert.Contains("HashTag '{}'", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckOptions(new ZKClusterOptions { HashTag = "{}" }, Good)).Message, StringComparison.Ordinal);
        Assert.Contains("Weight 2 of shard 'a'", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckOptions(new ZKClusterOptions(), [Good[0] with { Weight = 2 }])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(101)]
    public void A_share_of_deaths_that_is_no_percentage_is_refused_and_named(int percent) =>
        Assert.Contains($"MaxDeadPercent {percent} ", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckOptions(new ZKClusterOptions { MaxDeadPercent = percent }, Good)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(null)]
    public void The_brake_takes_every_percentage_and_none(int? percent) => ClusterRules.CheckOptions(new ZKClusterOptions { MaxDeadPercent = percent }, Good);

    [Fact]
    public void A_flap_policy_that_there_is_not_is_refused_and_named() =>
        Assert.Contains("FlapPolicy 7 ", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckOptions(new ZKClusterOptions { FlapPolicy = (FlapPolicy)7 }, Good)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(100_001)]
    public void A_weight_out_of_range_is_refused_and_named(int weight) =>
        Assert.Contains($"Weight {weight} of shard 'a'", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckShards([Good[0] with { Weight = weight }])).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_ring_type_is_refused_and_named() =>
        Assert.Contains("Nonsense", Assert.Throws<RingKeeperException>(() => ClusterRules.CheckOptions(new ZKClusterOptions { RingType = "Nonsense" }, Good)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_lowest_number_leads_and_other_names_take_no_part()
    {
        var order = Election.InOrder(["n_0000000010", "a_0000000000", "n_-2147483648", "n_0000000002", "_c_x-n_0000000000"]);

        Assert.Equal(["n_-2147483648", "n_0000000002", "n_0000000010"], order);
        Assert.Equal((2, "n_0000000002"), SequentialLine.PlaceOf("n_0000000010", order));
        Assert.Equal((-1, null), SequentialLine.PlaceOf("n_0000000003", order));
    }

    [Fact]
    public void A_stamp_without_room_above_is_an_error() => Assert.Throws<RingKeeperException>(() => Stamps.Next(1, long.MaxValue));
}
