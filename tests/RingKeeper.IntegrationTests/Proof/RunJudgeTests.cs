using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>The judge of the run itself: what it must let pass, and what it must not.</summary>
public sealed class RunJudgeTests
{
    private const string R = "/r";
    private readonly RunHistory _history = new() { Registers = { [R] = new RegisterState(30, 3, 1, "c") }, Epochs = { [1] = 1, [2] = 1 } };

    public RunJudgeTests()
    {
        // Three writes, one after the other.
        Write(1, "a", 10, 100, 110, 1);
        Write(1, "b", 20, 200, 210, 2);
        Write(1, "c", 30, 300, 310, 3);
    }

    [Fact]
    public void What_is_as_it_should_be_passes()
    {
        Read(2, 20, 2, "b", 250);
        Read(2, 30, 3, "c", 260);
        AssertJudged();
    }

    [Fact]
    public void An_acknowledged_write_that_is_not_there_at_the_end_is_lost()
    {
        _history.Registers[R] = new RegisterState(20, 2, 1, "b");
        AssertJudged("A write of /r was lost: RegisterState { Mzxid = 30");
    }

    [Fact]
    public void Two_writes_with_one_version_tell_of_a_lost_one()
    {
        Write(2, "d", 40, 400, 410, 3);
        _history.Registers[R] = new RegisterState(40, 3, 1, "d");
        AssertJudged("A write of /r was lost: after RegisterState { Mzxid = 30, Version = 3");
    }

    [Fact]
    public void A_register_that_was_created_anew_has_lost_its_writes()
    {
        Write(2, "d", 40, 400, 410, 4);
        _history.Registers[R] = new RegisterState(40, 4, 35, "d");
        AssertJudged("in two ways", "was lost");
    }

    [Fact]
    public void A_write_reported_as_not_done_is_not_there()
    {
        Fail(2, "d", 400, Ending.NotSent);
        Read(1, 40, 4, "d", 500);
        _history.Registers[R] = new RegisterState(40, 4, 1, "d");
        AssertJudged("/r held what was reported as NotSent");
    }

    [Fact]
    public void A_write_of_unknown_outcome_may_be_there_or_not()
    {
        Fail(2, "d", 400, Ending.Unknown);
        AssertJudged();
        Read(1, 40, 4, "d", 500);
        _history.Registers[R] = new RegisterState(40, 4, 1, "d");
        AssertJudged();
    }

    [Fact]
    public void A_write_is_done_once()
    {
        Fail(2, "d", 400, Ending.Unknown);
        Read(1, 40, 4, "d", 500);
        Read(1, 50, 5, "d", 600);
        _history.Registers[R] = new RegisterState(50, 5, 1, "d");
        AssertJudged("/r was written twice by one write");
    }

    [Fact]
    public void More_versions_than_writes_tell_that_one_was_done_twice_unseen()
    {
        Write(2, "d", 60, 400, 410, 5);
        _history.Registers[R] = new RegisterState(60, 5, 1, "d");
        AssertJudged("/r was changed 5 times; 4 of the writes are known and only 0 more");
        Fail(2, "e", 390, Ending.Unknown);
        AssertJudged();
    }

    [Fact]
    public void What_nobody_wrote_is_wrong()
    {
        Read(2, 25, 3, "x", 260);
        AssertJudged("was lost", "/r held what nobody wrote");
    }

    [Fact]
    public void A_later_write_has_the_higher_zxid_whoever_made_it()
    {
        _history.Registers["/s"] = new RegisterState(25, 1, 2, "d");
        Write(2, "d", 25, 400, 410, 1, "/s", 2);
        AssertJudged("Writes out of order");
    }

    [Fact]
    public void Writes_at_the_same_time_have_either_order()
    {
        _history.Registers["/s"] = new RegisterState(25, 1, 2, "d");
        Write(2, "d", 25, 205, 410, 1, "/s", 2);
        AssertJudged();
    }

    [Fact]
    public void Calls_of_one_client_are_executed_in_their_order()
    {
        _history.Registers["/s"] = new RegisterState(5, 1, 2, "d");

        // Called last, while the first was under way.
        _history.Operations.Add(new Operation(1, 1_000, OperationKind.Set, "/s", "d", 105) { Ended = 111, Ending = Ending.Acknowledged, State = new RegisterState(5, 1, 2, "d"), Epoch = 1 });
        AssertJudged("Calls out of order");
    }

    [Fact]
    public void A_read_does_not_go_back_behind_what_its_client_saw()
    {
        Read(2, 30, 3, "c", 400);
        Read(2, 20, 2, "b", 500);
        AssertJudged("A read went back");
    }

    [Fact]
    public void Nor_behind_what_it_saw_of_another_register()
    {
        _history.Registers["/s"] = new RegisterState(35, 1, 2, "d");
        Write(1, "d", 35, 400, 410, 1, "/s", 2);
        Read(2, 35, 1, "d", 500, "/s", 2);
        Read(2, 20, 2, "b", 600);
        AssertJudged("A read went back: the client had seen zxid 35");
    }

    [Fact]
    public void Another_client_may_read_what_is_older()
    {
        Read(2, 10, 1, "a", 500);
        AssertJudged();
    }

    [Fact]
    public void A_read_behind_a_sync_that_is_older_is_found()
    {
        Read(2, 10, 1, "a", 500, kind: OperationKind.SyncedRead);
        Read(2, 30, 3, "c", 600, kind: OperationKind.SyncedRead);
        Assert.Equal(500, Assert.Single(RunJudge.Judge(_history).StaleSyncs).Begun);
    }

    [Fact]
    public void What_is_never_answered_is_wrong()
    {
        Fail(2, "d", 400, Ending.Unanswered);
        AssertJudged("Never answered");
    }

    [Fact]
    public void A_created_znode_stays_until_it_is_deleted()
    {
        Node(OperationKind.Create, "/n", Ending.Acknowledged);
        AssertJudged("A created znode was lost");
        Node(OperationKind.Delete, "/n", Ending.Unknown);
        AssertJudged();
        _history.Nodes["/n"] = "/n";
        AssertJudged();
    }

    [Fact]
    public void A_deleted_znode_is_gone_and_one_that_was_not_created_never_comes()
    {
        Node(OperationKind.Create, "/n", Ending.Acknowledged);
        Node(OperationKind.Delete, "/n", Ending.Acknowledged);
        Node(OperationKind.Create, "/m", Ending.NotSent);
        (_history.Nodes["/n"], _history.Nodes["/m"]) = ("/n", "/m");
        AssertJudged("A deleted znode is there", "/m is there with /m, though");
    }

    [Fact]
    public void A_created_znode_is_found_to_be_deleted_and_is_not_created_twice()
    {
        Node(OperationKind.Create, "/n", Ending.Acknowledged);
        Node(OperationKind.Delete, "/n", Ending.Refused, ZooKeeperErrorCode.NoNode);
        Node(OperationKind.Create, "/m", Ending.Refused, ZooKeeperErrorCode.NodeExists);
        AssertJudged("A created znode was lost", "A created znode was not found to be deleted", "Created twice by one call");
    }

    [Fact]
    public void An_ephemeral_znode_is_there_as_long_as_its_session_and_no_longer()
    {
        Node(OperationKind.CreateEphemeral, "/n", Ending.Acknowledged);
        AssertJudged("A created znode was lost");
        _history.Nodes["/n"] = "/n";
        AssertJudged();
        _history.Epochs[1] = 2;
        AssertJudged("The znode of a session that is gone is there");
        _history.Nodes.Clear();
        AssertJudged();
    }

    [Fact]
    public void What_is_created_under_protection_is_there_once_or_never()
    {
        Node(OperationKind.CreateProtected, "/n", Ending.Acknowledged);
        AssertJudged("Of a protected creation there are 0");
        _history.Nodes["/_c_1-n"] = "/n";
        AssertJudged();
        _history.Nodes["/_c_2-n"] = "/n";
        AssertJudged("Of a protected creation there are 2");
        Node(OperationKind.CreateProtected, "/m", Ending.NotSent);
        Node(OperationKind.CreateProtected, "/o", Ending.Unknown);
        _history.Nodes.Remove("/_c_2-n");
        AssertJudged("there are 0 (): Operation { Client = 1, Call = 5");
        _history.Nodes["/_c_3-m"] = "/m";
        AssertJudged("there are 1 (/_c_3-m)", "there are 0");
    }

    [Fact]
    public void The_changes_between_two_zxids_are_counted_by_versions()
    {
        Fail(2, "d", 390, Ending.Unknown);
        Write(2, "e", 50, 400, 410, 5);
        _history.Registers[R] = new RegisterState(50, 5, 1, "e");
        Read(2, 1, 0, "", 50);
        var judge = RunJudge.Judge(_history);
        Assert.Empty(judge.Violations);
        Assert.Equal((1, 1), judge.ChangesBetween(R, 5, 15));
        Assert.Equal((2, 2), judge.ChangesBetween(R, 5, 25));
        Assert.Equal((0, 0), judge.ChangesBetween(R, 15, 18));

        // The fourth write was never seen.
        Assert.Equal((1, 2), judge.ChangesBetween(R, 25, 45));
        Assert.Equal((0, 1), judge.ChangesBetween(R, 35, 45));
        Assert.Equal((1, int.MaxValue), judge.ChangesBetween(R, 45, 60));
    }

    private void Write(int client, string value, long mzxid, long begun, long ended, int version, string path = R, long czxid = 1) => _history.Operations.Add(
        new Operation(client, begun, OperationKind.Set, path, value, begun) { Ended = ended, Ending = Ending.Acknowledged, State = new RegisterState(mzxid, version, czxid, value), Epoch = 1 });

    private void Fail(int client, string value, long begun, Ending ending) => _history.Operations.Add(
        new Operation(client, begun, OperationKind.Set, R, value, begun) { Ended = ending == Ending.Unanswered ? long.MaxValue : begun + 5, Ending = ending, Epoch = 1 });

    private void Read(int client, long mzxid, int version, string value, long begun, string path = R, long czxid = 1, OperationKind kind = OperationKind.Read) => _history.Operations.Add(
        new Operation(client, begun, kind, path, "", begun) { Ended = begun + 5, Ending = Ending.Acknowledged, State = new RegisterState(mzxid, version, czxid, value), Epoch = 1 });

    private void Node(OperationKind kind, string path, Ending ending, ZooKeeperErrorCode code = ZooKeeperErrorCode.Ok) => _history.Operations.Add(
        new Operation(1, _history.Operations.Count, kind, path, kind == OperationKind.Delete ? "" : path, 900) { Ended = 910, Ending = ending, Code = code, Epoch = 1 });

    // Each violation starts with, or contains, one of these; in order.
    private void AssertJudged(params string[] expected)
    {
        var violations = RunJudge.Judge(_history).Violations;
        Assert.True(violations.Count == expected.Length, string.Join(Environment.NewLine, violations));
        Assert.All(violations.Zip(expected), pair => Assert.Contains(pair.Second, pair.First, StringComparison.Ordinal));
    }
}
