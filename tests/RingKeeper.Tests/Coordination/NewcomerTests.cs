using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Coordination;

/// <summary>Whoever joins between the reads of a count and its write was not counted, so the count must not be published.</summary>
public class NewcomerTests
{
    [Fact]
    public async Task A_decision_waits_for_a_new_count_if_a_checker_joined_since_the_votes_were_read()
    {
        // No number is expected, so that two of two decide, and two of four do not.
        var fleet = new SteppedFleet(expected: null);
        await fleet.AddAsync();
        await fleet.AddAsync();
        await fleet.RunAsync(TimeSpan.FromSeconds(5));
        var (leader, second) = (fleet.Checkers[0], fleet.Checkers[1]);
        var (third, fourth) = (new SteppedChecker(fleet, "checker3", static o => o), new SteppedChecker(fleet, "checker4", static o => o));
        second.FindDead(fleet.Addrs[0]);
        await second.StepAsync();
        leader.FindDead(fleet.Addrs[0]);
        var multis = new List<string>();
        leader.Session.Before = (request, path) =>
        {
            if (request == "multi" && path != ZKPaths.LocalStatus(SteppedFleet.Name))
            {
                multis.Add(path);
                if (multis.Count == 1)
                {
                    Assert.True(third.StepAsync().IsCompletedSuccessfully && fourth.StepAsync().IsCompletedSuccessfully);
                }
            }
        };
        await leader.StepAsync();

        Assert.Equal([ZKPaths.Decisions(SteppedFleet.Name)], multis);
        Assert.Equal(4, fleet.Line.Count);
        Assert.True(fleet.Status[fleet.Addrs[0]].Alive);

        third.FindDead(fleet.Addrs[0]);
        await third.StepAsync();
        await leader.StepAsync();
        Assert.False(fleet.Status[fleet.Addrs[0]].Alive);
    }
}
