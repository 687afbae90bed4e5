using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public class BrakeTests
{
    private const long Now = 1_800_000_000_000_000;
    private const long Reference = 1_800_000_000_000;
    private static readonly Shard[] Shards = [new("a", "a:1"), new("b", "b:1"), new("c", "c:1"), new("d", "d:1")];

    [Fact]
    public void Half_of_the_shards_may_die_at_once() =>
        Assert.Equal(["a:1", "b:1"], Count(Votes("ddaa", "ddaa", "aaaa")).Flips.Select(f => f.Addr));

    [Fact]
    public void More_wait_while_a_vote_is_against_it()
    {
        var result = Count(Votes("ddda", "ddda", "aaaa"));

        Assert.Empty(result.Flips);
        Assert.Equal(["a:1", "b:1", "c:1"], result.WantedDead.Order());
        Assert.Equal(TimeSpan.FromSeconds(30), result.NextLook);
        Assert.All(result.Shards.Take(3), c => Assert.True(c.Hold!.IsBrake));
        Assert.Equal(
            "stays alive for now: 2 of 3 checkers say dead, 1 say alive, but 3 of 4 shards would be dead within 10 s, more than 50 %; waits until all votes agree and are two at least, for 30.0 s at most",
            result.Shards[0].Why);
    }

    [Fact]
    public void They_go_through_once_every_vote_that_is_no_abstention_agrees_and_then_rest_on_all_votes()
    {
        var result = Count(Votes("ddda", "ddda", "----"));

        Assert.Equal(3, result.Flips.Length);
        Assert.Equal(3, result.RestsOn.Length);
    }

    [Fact]
    public void One_vote_alone_is_no_agreement()
    {
        var result = Count(Votes("ddda"), standing: TimeSpan.FromSeconds(5.9));
        Assert.Empty(result.Flips);
        Assert.Equal(0.1, result.NextLook!.Value.TotalSeconds, 3);

        Assert.Equal(3, Count(Votes("ddda"), standing: TimeSpan.FromSeconds(6)).Flips.Length);
    }

    [Fact]
    public void It_delays_and_never_forbids()
    {
        Assert.Empty(Count(Votes("dddd", "dddd", "aaaa"), standing: TimeSpan.FromSeconds(29.9)).Flips);
        Assert.Equal(4, Count(Votes("dddd", "dddd", "aaaa"), standing: TimeSpan.FromSeconds(30)).Flips.Length);
    }

    [Fact]
    public void The_hold_begins_anew_for_a_majority_of_others()
    {
        // For as long as it was alone the first was a majority; now it takes two, and the second has only come.
        var standing = Standing(TimeSpan.FromSeconds(29));
        standing[("a:1", "n_0000000000")] = TimeSpan.FromMinutes(1);

        var result = Ballot.Count(Paper(Votes("ddda", "ddda", "aaaa")) with { Standing = standing });

        Assert.Empty(result.Flips);
        Assert.Equal(TimeSpan.FromSeconds(1), result.Shards[0].Hold!.Left);
    }

    [Fact]
    public void It_never_holds_a_return() =>
        Assert.Equal(4, Ballot.Count(Paper(Votes("aaaa", "aaaa", "dddd")) with { Status = Status("dddd") }).Flips.Length);

    [Fact]
    public void Deaths_of_the_last_ten_seconds_count_with_those_to_come()
    {
        var before = Decided(Reference - 10_000, "a:1", "b:1");
        var paper = Paper(Votes("ddda", "ddda", "ddaa")) with { Status = Status("ddaa") };

        Assert.Empty(Ballot.Count(paper with { Decisions = [before] }).Flips);
        Assert.Equal("c:1", Assert.Single(Ballot.Count(paper with { Decisions = [before with { At = before.At - 1 }] }).Flips).Addr);
    }

    [Fact]
    public void Deaths_that_a_record_had_no_room_for_are_known_by_their_stamp()
    {
        // All entries of the status have the stamp 1, as has the decision.
        var before = Decided(Reference - 1000, "a:1") with { Omitted = 1 };
        var paper = Paper(Votes("ddda", "ddda", "ddaa")) with { Status = Status("ddaa") };

        Assert.Empty(Ballot.Count(paper with { Decisions = [before] }).Flips);
        Assert.Equal("c:1", Assert.Single(Ballot.Count(paper with { Decisions = [before with { Stamp = 2 }] }).Flips).Addr);
    }

    [Fact]
    public void It_is_looked_at_again_as_soon_as_a_death_is_no_longer_recent()
    {
        var paper = Paper(Votes("ddda", "ddda", "ddaa")) with { Status = Status("ddaa"), Decisions = [Decided(Reference - 4_000, "b:1"), Decided(Reference - 9_700, "a:1")] };

        var next = Ballot.Count(paper).NextLook!.Value;

        Assert.Equal(TimeSpan.FromMilliseconds(301), next);
        Assert.Empty(Ballot.Count(paper with { SinceReference = next - TimeSpan.FromMilliseconds(1) }).Flips);
        Assert.Equal("c:1", Assert.Single(Ballot.Count(paper with { SinceReference = next }).Flips).Addr);
    }

    [Fact]
    public void Who_has_returned_since_does_not_count_as_dead()
    {
        var paper = Paper(Votes("aada", "aada", "aaaa")) with { Decisions = [Decided(Reference - 1000, "a:1", "b:1")] };

        Assert.Equal("c:1", Assert.Single(Ballot.Count(paper).Flips).Addr);
    }

    [Fact]
    public void One_death_is_never_held_however_few_shards_there_are() =>
        Assert.Single(Ballot.Count(Paper(Votes("d", "d", "a")) with { Shards = [Shards[0]], Status = Status("a") }).Flips);

    [Fact]
    public void Drained_shards_neither_serve_nor_die()
    {
        // Two of the four are drained: the two that serve are all there is.
        Shard[] shards = [Shards[0] with { Drained = true }, Shards[1] with { Drained = true }, Shards[2], Shards[3]];

        var result = Ballot.Count(Paper(Votes("aadd", "aadd", "aaaa")) with { Shards = shards, Status = Status("ddaa") });

        Assert.Empty(result.Flips);
        Assert.Equal(2, result.WantedDead.Count);
    }

    [Fact]
    public void A_hundred_percent_never_waits() =>
        Assert.Equal(4, Ballot.Count(Paper(Votes("dddd", "dddd", "aaaa")) with { MaxDeadPercent = 100 }).Flips.Length);

    [Fact]
    public void The_first_verdict_takes_nothing_from_anybody() =>
        Assert.Equal(4, Ballot.Count(Paper(Votes("dddd", "dddd", "aaaa")) with { Status = Status(""), OfficeHold = TimeSpan.FromSeconds(1) }).Flips.Length);

    [Fact]
    public void A_leader_new_in_office_publishes_no_death_but_returns()
    {
        var paper = Paper(Votes("daaa", "daaa")) with { Status = Status("aada"), OfficeHold = TimeSpan.FromSeconds(1.5) };

        var result = Ballot.Count(paper);

        Assert.Equal("c:1", Assert.Single(result.Flips).Addr);
        Assert.Equal(TimeSpan.FromSeconds(1.5), result.NextLook);
        Assert.Equal("stays alive for now: 2 of 2 checkers say dead, 0 say alive, but the leader is new in office; waits for 1.5 s", result.Shards[0].Why);
    }

    [Fact]
    public void Standing_for_the_whole_hold_a_majority_gets_what_it_would_without_the_brake() =>
        Gen.Select(Gen.Int[0, 2].Array[4].Array[1, 5], Gen.Int[0, 1].Array[4], Gen.Int[1, 100]).Sample((says, was, percent) =>
        {
            var paper = Paper([.. says.Select((s, i) => Vote(i, string.Concat(s.Select(v => "da-"[v]))))]) with
            {
                Status = Status(string.Concat(was.Select(w => "da"[w]))),
                MaxDeadPercent = percent,
                Standing = Standing(TimeSpan.FromSeconds(30)),
            };

            Assert.Equal(Ballot.Count(paper with { MaxDeadPercent = 100 }).Flips.Select(f => (f.Addr, f.Kind)), Ballot.Count(paper).Flips.Select(f => (f.Addr, f.Kind)));
            var held = Ballot.Count(paper with { Standing = Standing(TimeSpan.Zero) });
            Assert.Equal(Ballot.Count(paper).Flips.Length - held.Flips.Length, held.Shards.Count(c => c.Hold is not null));
        });

    private static BallotResult Count(Vote[] votes, TimeSpan standing = default) =>
        Ballot.Count(Paper(votes) with { Standing = Standing(standing) });

    private static Dictionary<(string Addr, string Node), TimeSpan> Standing(TimeSpan time) =>
        Shards.SelectMany(s => Enumerable.Range(0, 6).Select(i => (s.Addr, Node: $"n_{i:D10}"))).ToDictionary(k => k, _ => time);

    private static BallotPaper Paper(Vote[] votes) => new(Shards, Status("aaaa"), votes, null, 0, Now) { ReferenceTime = Reference };

    private static Decision Decided(long at, params string[] dead) =>
        new(at, 1, "n_0000000000", null, [.. dead.Select(a => new Flip(a, DecisionKind.Death, true, false, new ShardCount(a, 0, 2, 0, 0, 2, "is dead")))]);

    private static Vote[] Votes(params string[] says) => [.. says.Select((s, i) => Vote(i, s))];

    private static Vote Vote(int number, string says) => new(
        $"n_{number:D10}",
        number,
        100 + number,
        Reference,
        says.Select((c, i) => (Says: c, Shards[i].Addr)).Where(v => v.Says != '-').ToDictionary(v => v.Addr, v => new VoteEntry(new ShardStatus(v.Addr, v.Says == 'a', 1)) { Seen = 1 }));

    private static Dictionary<string, ShardStatus> Status(string states) =>
        states.Select((c, i) => new ShardStatus(Shards[i].Addr, c == 'a', 1)).ToDictionary(s => s.Addr);
}
