using System.Collections.Immutable;
using RingKeeper.Cli.Handlers;
using Xunit;
using static RingKeeper.Tests.Insight.Fleets;

namespace RingKeeper.Tests.Insight;

public sealed class FleetEventsTests
{
    private const long Seen = (Now * 1000) + 77;

    [Fact]
    public void Nothing_happened_between_a_reading_and_itself_or_one_of_other_ages_alone()
    {
        var later = Of([A, B, C], [Alive(A), Alive(B), Alive(C)], [], [.. Votes(A, B, C).Select(static vote => vote with { Mtime = vote.Mtime - 500, Mzxid = 9 })]);

        Assert.Equal([], FleetEvents.Between(Healthy(), Healthy(), Seen));
        Assert.Equal([], FleetEvents.Between(Healthy(), later, Seen));
    }

    [Fact]
    public void A_death_is_told_once_with_the_votes_it_rests_on_and_those_that_led_to_it_come_before()
    {
        var after = Of([A, B, C], [Dead(A, Now * 1000), Alive(B), Alive(C)], [Decided(A, DecisionKind.Death, 0)], Vote(0, 0, Says(A, false) with { Error = "Refused" }, Says(B, true), Says(C, true)), Votes(A, B, C)[1], Votes(A, B, C)[2]);

        var told = FleetEvents.Between(Healthy(), after, Seen);

        Assert.Equal([FleetEventKind.Vote, FleetEventKind.Death], told.Select(static e => e.Kind));
        Assert.Equal("checker n_0000000000 (id-0) says dead of a: Refused", told[0].Text);
        Assert.Equal((Now * 1000, "a", "a is dead: 2 of 3 checkers say so; published by n_0000000000 (id-0)"), (told[1].At, told[1].Shard, told[1].Text));
        Assert.Equal(["n_0000000000 (id-0): dead, vote 0.1 s old, last bad answer: Refused, round trip 0.18 ms"], told[1].Evidence);
    }

    [Fact]
    public void A_change_of_state_without_a_record_is_told_as_such_and_its_record_does_not_tell_it_again_once_it_can_be_read()
    {
        var cluster = Healthy().Cluster;
        var unreadable = Of(cluster, [Dead(A, Now * 1000), Alive(B), Alive(C)], new DecisionsState([], 3, "it cannot be read"), Votes(A, B, C));
        var readable = Of(cluster, [Dead(A, Now * 1000), Alive(B), Alive(C)], new DecisionsState([Decided(A, DecisionKind.Death, 0)], 3, null), Votes(A, B, C));
        var further = Of(cluster, [Alive(A, (Now + 9) * 1000), Alive(B), Alive(C)], new DecisionsState([Decided(A, DecisionKind.Return, 9), Decided(A, DecisionKind.Death, 0)], 4, null), Votes(A, B, C));

        var told = Assert.Single(FleetEvents.Between(Healthy(), unreadable, Seen));
        Assert.Equal((FleetEventKind.Unrecorded, "a is dead by the status, without a record of why"), (told.Kind, told.Text));
        Assert.Equal([], FleetEvents.Between(unreadable, readable, Seen));
        Assert.Equal([FleetEventKind.Return], FleetEvents.Between(unreadable, further, Seen).Select(static e => e.Kind));
    }

    [Fact]
    public void A_record_that_was_read_ahead_of_the_status_tells_its_decision_once()
    {
        ImmutableArray<Decision> decided = [Decided(A, DecisionKind.Death, 0)];
        var ahead = Of([A, B, C], [Alive(A), Alive(B), Alive(C)], decided, Votes(A, B, C));
        var whole = Of([A, B, C], [Dead(A, Now * 1000), Alive(B), Alive(C)], decided, Votes(A, B, C));
        var unrecorded = Of([A, B, C], [Alive(A, (Now + 5) * 1000), Alive(B), Alive(C)], decided, Votes(A, B, C));
        var again = Of([A, B, C], [Dead(A, (Now + 9) * 1000), Alive(B), Alive(C)], decided, Votes(A, B, C));

        Assert.Equal([FleetEventKind.Death], FleetEvents.Between(Healthy(), ahead, Seen).Select(static e => e.Kind));
        Assert.Equal([], FleetEvents.Between(ahead, whole, Seen));
        Assert.Equal([FleetEventKind.Unrecorded], FleetEvents.Between(whole, unrecorded, Seen).Select(static e => e.Kind));
        Assert.Equal([FleetEventKind.Unrecorded], FleetEvents.Between(unrecorded, again, Seen).Select(static e => e.Kind));
    }

    [Fact]
    public void Several_changes_of_the_topology_that_were_missed_are_told_one_by_one_by_the_record()
    {
        var start = With([A], Stamp);
        var end = With([B, C], Stamp + 20, Earlier(Stamp + 20, A, B, C), Earlier(Stamp + 10, A, B), Earlier(Stamp + 5, A));

        Assert.Equal(
            [(Stamp + 5, "topology: shard b added at :2"), (Stamp + 10, "topology: shard c added at :3"), (Stamp + 20, "topology: shard a removed")],
            FleetEvents.Between(start, end, Seen).Select(static e => (e.At, e.Text)));
        Assert.Equal([Stamp + 20, Stamp + 10, Stamp + 5], FleetEvents.OnRecord(end).Select(static e => e.At));
        Assert.Equal([], FleetEvents.Between(end, end, Seen));
    }

    [Fact]
    public void What_a_manager_without_a_record_changed_is_told_by_what_differs()
    {
        var before = With([A, B], Stamp, Earlier(Stamp, A));
        var after = before.Cluster with { Version = Stamp + 50, Shards = [A, C], Changed = Now };

        var told = Assert.Single(FleetEvents.Between(before, Of(after, [Alive(A)], new DecisionsState([], 0, null)), Seen));

        Assert.Equal((Now * 1000, "topology: shard c added at :3; shard b removed"), (told.At, told.Text));
        Assert.Equal(["shard c added at :3", "shard b removed"], told.Evidence);
    }

    [Fact]
    public void Drains_and_options_are_told_with_both_values()
    {
        var before = Healthy().Cluster;
        var after = before with { Version = Stamp + 1, Shards = [A with { Drained = true }, B, C], Options = before.Options with { FailoverEnabled = false, ExpectedCheckers = null, WarmReturn = TimeSpan.FromMinutes(1) } };

        var told = FleetEvents.Between(Healthy(), Of(after, [Alive(A), Alive(B), Alive(C)], new DecisionsState([], 0, null), Votes(A, B, C)), Seen)[0];

        Assert.Equal(
            ["shard a is to be drained", "failover changed from on to off", "expected checkers changed from 3 to the default", "warm return changed from the default to 00:01:00"], told.Evidence);
    }

    [Fact]
    public void Checkers_that_join_leave_and_lead_are_told()
    {
        var after = Of([A, B, C], [Alive(A), Alive(B), Alive(C)], [], Votes(A, B, C)[1], Votes(A, B, C)[2], Vote(3, 0, Says(A, true), Says(B, true), Says(C, true)));
        var nobody = Of([A, B, C], [Alive(A), Alive(B), Alive(C)], []);

        Assert.Equal(
            ["checker n_0000000003 (id-3) joined", "checker n_0000000000 (id-0) left, or its session was lost", "checker n_0000000001 (id-1) is first in line now and decides"],
            FleetEvents.Between(Healthy(), after, Seen).Select(static e => e.Text));
        Assert.Equal("nobody decides: no checker is present", FleetEvents.Between(after, nobody, Seen)[^1].Text);
    }

    [Fact]
    public void A_cluster_that_was_created_anew_is_told_with_all_that_is_on_its_record()
    {
        var anew = Healthy().Cluster with { Revision = new ZKClusterRevision(99, 99, 0), Shards = [B] };

        var told = FleetEvents.Between(Healthy(), Of(anew, [Alive(B)], new DecisionsState([Decided(B, DecisionKind.Return, 5)], 0, null)), Seen);

        Assert.Equal(["topology: the cluster was deleted and created anew, with b at :2", "b is alive: 2 of 3 checkers say so; published by n_0000000000 (id-0)"], told.Select(static e => e.Text));
    }

    [Fact]
    public void The_command_tells_each_event_once_oldest_first_a_lost_connection_and_a_deletion_too()
    {
        var report = new EventsReport(2, TimeProvider.System);
        var fleet = Of([A, B, C], [Alive(A), Alive(B), Alive(C)], [Decided(A, DecisionKind.Return, 9), Decided(A, DecisionKind.Death, 5), Decided(B, DecisionKind.Death, 1)], Votes(A, B, C));
        var away = new FleetNews(fleet, [], "ZooKeeper is away");
        var gone = away with { IsGone = true, Trouble = "There is no cluster" };

        Assert.Equal([(Now + 5) * 1000, (Now + 9) * 1000], report.Tell(new FleetNews(fleet, [], null)).Select(static e => e.At));
        Assert.Equal([], report.Tell(away));
        Assert.Equal(("ZooKeeper is away", null), (report.TakeTrouble(away), report.TakeTrouble(away)));
        Assert.Equal([], report.Tell(new FleetNews(fleet, [], null)));
        Assert.Equal("the cluster can be read again", report.TakeTrouble(new FleetNews(fleet, [], null)));
        Assert.Equal("topology: the cluster was deleted", Assert.Single(report.Tell(gone)).Text);
        Assert.Equal([], report.Tell(gone));
        Assert.Null(report.TakeTrouble(gone));
    }

    private static EarlierTopology Earlier(long ended, params Shard[] shards) => new(ended, new ZKClusterOptions(), shards);

    private static Fleet With(Shard[] shards, long version, params EarlierTopology[] earlier) => Of(
        new ZKClusterInfo("orders", version, new ZKClusterOptions(), shards) { History = HistoryNode.Missing with { Stamp = version, Earlier = [.. earlier] } },
        [Alive(A), Alive(B), Alive(C)], new DecisionsState([], 0, null));
}
