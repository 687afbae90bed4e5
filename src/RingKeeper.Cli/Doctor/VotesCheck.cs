using System.Globalization;

namespace RingKeeper.Cli.Doctor;

/// <summary>Whether anybody votes at all: the age of a vote is told beside the newest write of the checkers, which says nothing where all of them stand still.</summary>
internal sealed class VotesCheck : IDoctorCheck
{
    // As long as a single vote counts.
    private static readonly TimeSpan Silence = 3 * new ZKCheckerOptions { ZKServers = "", ClusterName = "" }.VoteRefresh;

    // A vote may be newer than the present by the clocks' error alone.
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1);

    public string Name => "votes";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        if (facts.Fleet.Value is not { } fleet)
        {
            return [facts.Unread("votes")];
        }

        if (fleet.Nodes.Votes.Count == 0)
        {
            return [Finding.NotChecked("votes", "there is no vote: no checker is present", "see the finding about checkers")];
        }

        if (fleet.Nodes.Votes.All(static vote => vote.Kind == VoterKind.Go))
        {
            return [Finding.NotChecked("votes", "Go checkers write a vote once and never again, so that its age says nothing", "replace the Go checkers by RingKeeper's")];
        }

        var newest = fleet.Nodes.Votes.Where(static vote => vote.Kind != VoterKind.Go).Max(static vote => vote.Mtime);
        var age = facts.Now - DateTimeOffset.FromUnixTimeMilliseconds(newest) + (facts.ZooKeeperClock.Value?.Reading.Difference ?? TimeSpan.Zero);
        var text = string.Create(CultureInfo.InvariantCulture, $"the newest of {fleet.Nodes.Votes.Count} vote(s) is {age.TotalSeconds:0} s old{(facts.ZooKeeperClock.Value is null ? " by this machine's clock" : "")}");
        if (age < -Ahead)
        {
            return [Finding.NotChecked("votes", $"{text}: the clocks are apart, so that its age says nothing", "let NTP keep the clocks of all machines, this one too; a longer --timeout lets ZooKeeper's clock be seen")];
        }

        return age > Silence
            ? [Finding.Critical("votes-silent", $"{text}: nobody votes, and nothing will be decided", "look at the checkers: they hang, or are cut off from ZooKeeper; and at the clock of this machine")]
            : [Finding.Ok("votes", text)];
    }
}
