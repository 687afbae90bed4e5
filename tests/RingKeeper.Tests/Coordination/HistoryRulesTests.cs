using System.Collections.Immutable;
using CsCheck;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public sealed class HistoryRulesTests
{
    private static readonly Shard[] Two = [new("a", ":1"), new("b", ":2") { Weight = 3 }];
    private static readonly ZKClusterOptions Rendezvous = new() { RingType = RingTypes.Rendezvous, RingParams = "" };

    [Fact]
    public void An_update_keeps_the_topology_it_ends()
    {
        var present = Cluster(100, Two) with { Options = Rendezvous };
        var history = HistoryRules.After(present, [], present with { Shards = [Two[0]] }, 2_000_000, HistoryRules.MaxEarlier);

        Assert.Equal(100, history.Floor);
        var ended = Assert.Single(history.Earlier);
        Assert.Equal(2_000_000, ended.Ended);
        Assert.Equal(Two, ended.Shards);
        Assert.Equal(RingTypes.Rendezvous, ended.Options.RingType);
    }

    [Fact]
    public void An_update_that_moves_no_key_ages_nothing()
    {
        var present = Cluster(100, Two) with { Options = Rendezvous };
        var drained = present with { Shards = [Two[0] with { Drained = true }, Two[1]], Options = Rendezvous with { ExpectedCheckers = 3 } };

        var history = HistoryRules.After(present, [], drained, 2_000_000, HistoryRules.MaxEarlier);

        Assert.Equal((100, 0), (history.Floor, history.Earlier.Length));
    }

    [Fact]
    public void Another_weight_an_address_or_the_order_of_the_list_ends_a_topology()
    {
        var present = Cluster(100, Two) with { Options = Rendezvous };
        foreach (var shards in new Shard[][] { [Two[0], Two[1] with { Weight = 2 }], [Two[0], Two[1] with { Addr = ":9" }], [Two[1], Two[0]], [Two[0], Two[1] with { Name = "c" }] })
        {
            Assert.Single(HistoryRules.After(present, [], present with { Shards = shards }, 2_000_000, HistoryRules.MaxEarlier).Earlier);
        }
    }

    [Fact]
    public void What_falls_off_raises_the_floor_to_its_time()
    {
        var cluster = Cluster(100, Two);
        for (var i = 1; i <= 5; i++)
        {
            var wanted = cluster with { Shards = [new Shard("a", $":{i}")] };
            var stamp = i * 1000;
            var history = HistoryRules.After(cluster, [], wanted, stamp, maxEarlier: 2);
            cluster = Cluster(stamp, wanted.Shards, history);
        }

        Assert.Equal([5000L, 4000L], cluster.History.Earlier.Select(static e => e.Ended));
        Assert.Equal(3000, cluster.History.Floor);
    }

    [Fact]
    public void More_than_256_KiB_of_earlier_topologies_fall_off()
    {
        var many = Enumerable.Range(0, 2000).Select(static i => new Shard($"a-shard-with-a-long-name-{i}", $"a-host-with-a-long-name-{i}.example:6379")).ToArray();
        var size = ZNodeCodec.EncodeShards(many).Length;
        var cluster = Cluster(100, many);
        for (var i = 1; i <= 5; i++)
        {
            var wanted = cluster with { Shards = [.. many.Skip(i)] };
            cluster = Cluster(1000 * i, wanted.Shards, HistoryRules.After(cluster, [], wanted, 1000 * i, HistoryRules.MaxEarlier));
        }

        Assert.InRange(cluster.History.Earlier.Length, 1, HistoryRules.MaxEarlierBytes / size + 1);
        Assert.Equal(1000 * (5 - cluster.History.Earlier.Length), cluster.History.Floor);
        Assert.True(HistoryNode.Encode(1, cluster.Options, cluster.Shards, UnknownFields.None, new TopologyHistory(cluster.History.Floor, cluster.History.Earlier)).Length < HistoryNode.MaxBytes);
    }

    [Fact]
    public void Another_clock_tolerance_ages_every_copy()
    {
        var present = Cluster(100, Two);
        var wanted = present with { Options = present.Options with { ClockTolerance = TimeSpan.FromSeconds(2) } };

        var history = HistoryRules.After(present, [], wanted, 5000, HistoryRules.MaxEarlier);

        Assert.Equal((5000, 0), (history.Floor, history.Earlier.Length));
        Assert.Equal(2_000_000, wanted.Options.StampGap);
    }

    [Fact]
    public void A_lower_clock_tolerance_begins_above_what_was_written_under_the_one_before()
    {
        var present = Cluster(10_000_000, Two) with { Options = new ZKClusterOptions { ClockTolerance = TimeSpan.FromSeconds(30) } };
        var wanted = present with { Options = new ZKClusterOptions { ClockTolerance = TimeSpan.FromSeconds(1) } };

        var written = ZKManager.UpdateOf(wanted, present, status: null, nowMicroseconds: 12_000_000).OfType<ZooKeeperOp.SetDataOp>().First();

        Assert.Equal("40000000", System.Text.Encoding.ASCII.GetString(written.Data.Span));
    }

    [Fact]
    public void Where_a_Go_manager_wrote_no_copy_made_before_counts_whatever_its_clock_said()
    {
        var record = Record(500, new TopologyHistory(100, [new EarlierTopology(400, new ZKClusterOptions(), Two)]));
        var statuses = new[] { new ShardStatus(":1", true, 900), new ShardStatus(":2", false, 700) };

        // Its clock is behind: every epoch in use is at most 900.
        var first = new ZKClusterInfo("x", 450, new ZKClusterOptions(), Two) { History = record, Revision = new ZKClusterRevision(1, 5, 3) };
        Assert.True(HistoryRules.InEffect(first, statuses).Floor > 900);
        Assert.Empty(HistoryRules.InEffect(first, statuses).Earlier);

        // And once more before anybody recorded it: what was written under the first floor counts no longer either.
        var second = first with { Version = 440, Revision = new ZKClusterRevision(1, 9, 4) };
        Assert.True(HistoryRules.InEffect(second, statuses).Floor > HistoryRules.InEffect(first, statuses).Floor);

        // A clock that is ahead changes nothing: the next such manager overwrites its stamp, and nobody could know of it any more.
        var ahead = first with { Version = 5000 };
        Assert.True(HistoryRules.InEffect(second, statuses).Floor > HistoryRules.InEffect(ahead, statuses).Floor);
        Assert.Equal(5000, HistoryRules.InEffect(ahead, statuses).Unrecorded);
        Assert.Equal(5000, HistoryRules.OnRecord(ahead, statuses).Floor);

        // The next stamp of ours is above them all.
        Assert.True(Stamps.Next(0, Stamps.LargestInSight(second.Stamp, statuses.ToDictionary(static s => s.Addr))) > HistoryRules.InEffect(second, statuses).Floor);
    }

    [Fact]
    public void A_record_says_the_same_once_it_is_written_and_read()
    {
        var genShards = Gen.Select(Gen.Int[0, 9], Gen.Int[1, 5], static (i, weight) => new Shard($"s<{i}é", $":{i + 1}") { Weight = weight }).Array[1, 4];
        Gen.Select(Gen.Long[1, long.MaxValue], genShards.Array[0, 4], Gen.Long[0, long.MaxValue]).Sample((stamp, topologies, floor) =>
        {
            var options = Rendezvous with { HashTag = "{}" };
            var earlier = topologies.Select((shards, i) => new EarlierTopology(long.MaxValue - i, options, shards)).ToImmutableArray();

            var read = HistoryNode.Decode("/p", HistoryNode.Encode(stamp, options, Two, UnknownFields.None, new TopologyHistory(floor, earlier)));

            Assert.Null(read.Trouble);
            Assert.Equal((stamp, floor), (read.Stamp, read.Floor));
            Assert.Equal(earlier.Select(static e => e.Ended), read.Earlier.Select(static e => e.Ended));
            for (var i = 0; i < earlier.Length; i++)
            {
                Assert.Equal(earlier[i].Shards, read.Earlier[i].Shards);
                Assert.Equal(earlier[i].Options, read.Earlier[i].Options);
            }
        });
    }

    [Theory]
    [InlineData("""{"Stamp":5,"Options":{},"Shards":[]}""")]
    [InlineData("""{"Stamp":5,"Options":{},"Shards":[],"EarlierOf":5,"Earlier":7}""")]
    [InlineData("""{"Stamp":5,"Options":{},"Shards":[],"EarlierOf":5,"Earlier":[{"Ended":3}]}""")]
    [InlineData("""{"Stamp":5,"Options":{},"Shards":[],"Earlier":[]}""")]
    [InlineData("""{"Stamp":5,"Options":{},"Shards":[],"Floor":2,"EarlierOf":4,"Earlier":[{"Ended":3,"Options":{},"Shards":[{"Name":"a","Addr":":1"}]}]}""")]
    public void Without_earlier_topologies_that_can_be_read_the_record_is_the_floor(string text)
    {
        var read = HistoryNode.Decode("/p", System.Text.Encoding.UTF8.GetBytes(text));

        Assert.False(read.IsOutdated(5));
        Assert.Equal((5, 0), (read.Floor, read.Earlier.Length));
    }

    private static HistoryNode Record(long stamp, TopologyHistory history) =>
        HistoryNode.Decode("/p", HistoryNode.Encode(stamp, new ZKClusterOptions(), Two, UnknownFields.None, history));

    private static ZKClusterInfo Cluster(long stamp, IReadOnlyList<Shard> shards, TopologyHistory? history = null) =>
        new("x", stamp, new ZKClusterOptions(), shards) { History = Record(stamp, history ?? new TopologyHistory(stamp, [])), Revision = new ZKClusterRevision(1, stamp, 1) };
}
