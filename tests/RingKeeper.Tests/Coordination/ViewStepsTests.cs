using System.Collections.Immutable;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public sealed class ViewStepsTests
{
    private static readonly Shard[] Two = [new("a", ":1"), new("b", ":2")];
    private static readonly HashRing Ring = new ZKClusterOptions().CreateRingBuilder().Build(Two);

    [Fact]
    public void A_floor_that_was_seen_holds_after_the_cluster_was_made_anew_by_a_clock_that_is_behind()
    {
        var view = ViewSteps.Next(null, static () => Ring, Topology(10, stamp: 9000, new TopologyHistory(9000, [])), null)!;
        var moved = new EarlierTopology(9500, new ZKClusterOptions(), Two);

        var next = ViewSteps.Next(view, static () => Ring, Topology(20, stamp: 9500, new TopologyHistory(5000, [moved])), null)!;

        Assert.Equal((9000, 9500), (next.History.Floor, next.History.Newest));
    }

    [Fact]
    public void An_older_history_lowers_no_epoch_and_hides_no_change_that_is_off_the_record()
    {
        var view = ViewSteps.Next(null, static () => Ring, Topology(10, stamp: 9000, new TopologyHistory(9000, [])), null)!;

        var next = ViewSteps.Next(view, static () => Ring, Topology(20, stamp: 100, new TopologyHistory(100, [])) with { Version = 20_000 }, null)!;

        Assert.Equal((9000, 9000, 20_000), (next.History.Floor, next.History.Newest, next.History.Unrecorded));
    }

    [Fact]
    public void A_status_read_before_an_older_topology_is_taken_alone()
    {
        var view = ViewSteps.Next(null, static () => Ring, Topology(10, stamp: 9000, new TopologyHistory(9000, [])), null)!;

        var next = ViewSteps.Next(view, static () => throw new InvalidOperationException("The ring is the one before."), Topology(5, stamp: 100, new TopologyHistory(100, [])), Status(12, new ShardStatus(":1", true, 9500)))!;

        Assert.Equal((10, 12, 9000), (next.TopologyVersion, next.StatusVersion, next.History.Floor));
        Assert.Equal(9500, next.StatusOf(0)!.Since);
        Assert.Null(ViewSteps.Next(next, static () => Ring, Topology(5, stamp: 100, new TopologyHistory(100, [])), null));
    }

    [Fact]
    public void A_time_that_was_raised_tells_of_no_death_before_it()
    {
        var view = ViewSteps.Next(null, static () => Ring, Topology(10, stamp: 100, new TopologyHistory(100, [])), Status(11, new ShardStatus(":1", true, 9500) { Died = 9000 }))!;

        Assert.Equal((9500, 9000L), (view.StatusOf(0)!.Since, view.StatusOf(0)!.Died));
        var next = view.WithStatuses(12, new Dictionary<string, ShardStatus> { [":1"] = new(":1", true, 300) { Died = 200 } });

        Assert.Equal((9500, null), (next.StatusOf(0)!.Since, next.StatusOf(0)!.Died));
    }

    private static ZKClusterInfo Topology(long mzxid, long stamp, TopologyHistory history) => new("x", stamp, new ZKClusterOptions(), Two)
    {
        History = HistoryNode.Decode("/p", HistoryNode.Encode(stamp, new ZKClusterOptions(), Two, UnknownFields.None, history)),
        Revision = new ZKClusterRevision(1, mzxid, 1),
    };

    private static StatusNode Status(long mzxid, params ShardStatus[] statuses) =>
        new(statuses.ToImmutableDictionary(static s => s.Addr), new Stat(1, mzxid, 0, 0, 0, 0, 0, 0, 0, 0, 0));
}
