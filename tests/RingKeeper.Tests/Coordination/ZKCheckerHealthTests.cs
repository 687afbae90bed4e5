using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public sealed class ZKCheckerHealthTests
{
    private static readonly ZKCheckerHealth Well = new()
    {
        IsRunning = true,
        Session = SessionState.Connected,
        Node = "n_0000000001",
        SinceStep = TimeSpan.FromSeconds(2),
        StepLimit = TimeSpan.FromSeconds(30),
        ShardCount = 3,
        VerdictCount = 2,
        AbstentionCount = 1,
    };

    [Fact]
    public void With_session_vote_and_a_word_or_a_silence_on_purpose_for_each_shard_it_is_ready()
    {
        Assert.Empty(Well.ReasonsNotReady);
        Assert.Empty(Well.ReasonsNotLive);
    }

    public static TheoryData<ZKCheckerHealth, string, bool> Flaws => new()
    {
        { Well with { Session = SessionState.Suspended }, "the ZooKeeper session is Suspended", true },
        { Well with { Node = null }, "no vote stands in ZooKeeper", true },
        { Well with { ShardCount = null }, "the cluster is not known", true },
        { Well with { VerdictCount = 1 }, "1 of 3 shard(s) have no verdict yet", true },
        { Well with { AbstentionCount = 0 }, "1 of 3 shard(s) have no verdict yet", true },
        { Well with { Trouble = "what it waits for" }, "what it waits for", true },
        { Well with { IsRunning = false }, "the checker is not running", true },
        { Well with { IsRunning = false, IsFaulted = true }, "the checker ended by a fault", false },
        { Well with { SinceStep = TimeSpan.FromSeconds(31) }, "the checker has taken no step for 31 s", false },
    };

    [Theory]
    [MemberData(nameof(Flaws))]
    public void Each_flaw_is_a_reason_and_few_ask_for_a_new_start(ZKCheckerHealth health, string reason, bool isLive)
    {
        Assert.Equal([reason], health.ReasonsNotReady);
        Assert.Equal(isLive ? [] : [reason], health.ReasonsNotLive);
    }
}
