using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>The judge of watches itself: what it must let pass, and what it must not.</summary>
public sealed class WatchJudgeTests
{
    private const string R = "/w/r";
    private static readonly (string, long)[] Markers = [("/w/m1", 5), ("/w/m2", 25), ("/w/m3", 45)];

    private readonly RunJudge _run;

    public WatchJudgeTests()
    {
        var history = new RunHistory { Registers = { [R] = new RegisterState(50, 5, 1, "e") } };
        foreach (var (i, value) in new[] { "a", "b", "c", "d", "e" }.Index())
        {
            var mzxid = (i + 1) * 10;
            history.Operations.Add(new Operation(1, i, OperationKind.Set, R, value, mzxid) { Ended = mzxid + 5, Ending = Ending.Acknowledged, State = new RegisterState(mzxid, i + 1, 1, value) });
        }

        history.Operations.Add(new Operation(1, 9, OperationKind.Read, R, "", 2) { Ended = 3, Ending = Ending.Acknowledged, State = new RegisterState(1, 0, 1, "") });
        _run = RunJudge.Judge(history);
        Assert.Empty(_run.Violations);
    }

    [Fact]
    public void Every_change_between_two_markers_is_told_once() => AssertJudged("m1 r r m2 r r m3");

    [Fact]
    public void A_change_that_is_not_told_is_missed() => AssertJudged("m1 r m2 r r m3", "told of 1 changes of /w/r between zxids 5 and 25 and of no gap; there were 2 to 2");

    [Fact]
    public void A_change_told_twice_is_one_too_many() => AssertJudged("m1 r r m2 r r r m3", "told of 3 changes of /w/r between zxids 25 and 45");

    [Fact]
    public void A_gap_excuses_what_is_missing_and_the_end_of_the_session_too()
    {
        AssertJudged("m1 r gap m2 r r m3");
        AssertJudged("m1 r expired gap m2 r r m3");
    }

    [Fact]
    public void But_only_until_the_next_marker() => AssertJudged("m1 gap m2 r m3", "between zxids 25 and 45");

    [Fact]
    public void A_watch_that_went_silently_tells_of_no_marker_any_more() => AssertJudged("m1 r r m2 r", "never told of /w/m3");

    private void AssertJudged(string told, params string[] expected)
    {
        var judge = new WatchJudge(_run, [R]);
        judge.Judge("client 1", [.. told.Split(' ').Select(static word => word switch
        {
            "r" => new WatchedEvent(WatchedEventType.NodeDataChanged, R),
            "gap" => new WatchedEvent(WatchedEventType.Gap, "/w"),
            "expired" => new WatchedEvent(WatchedEventType.SessionExpired, "/w"),
            _ => new WatchedEvent(WatchedEventType.NodeCreated, $"/w/{word}"),
        })], Markers);
        Assert.True(judge.Violations.Count == expected.Length, string.Join(Environment.NewLine, judge.Violations));
        Assert.All(judge.Violations.Zip(expected), pair => Assert.Contains(pair.Second, pair.First, StringComparison.Ordinal));
    }
}
