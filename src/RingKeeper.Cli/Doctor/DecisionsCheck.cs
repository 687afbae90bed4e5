using System.Globalization;

namespace RingKeeper.Cli.Doctor;

/// <summary>Whether the cluster can be read, and what all faces tell of its shards and checkers: the alarms of <see cref="FleetAlarms"/>.</summary>
internal sealed class DecisionsCheck : IDoctorCheck
{
    public string Name => "cluster and decisions";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        if (facts.Fleet.Value is not { } fleet)
        {
            // Without a session, that is the fault.
            return facts.Session.Value is null
                ? [Finding.NotChecked("cluster", $"there is no session: {facts.Session.Trouble}", "see the finding about ZooKeeper")]
                : [Finding.Critical("cluster-unreadable", facts.Fleet.Trouble, facts.Fleet.IsLate ? "look at the latency of ZooKeeper; try a longer --timeout" : "what it says; 'ringkeeper cluster list' shows what is there")];
        }

        var shards = fleet.Cluster.Shards;
        return
        [
            Finding.Ok("cluster", string.Create(
                CultureInfo.InvariantCulture,
                $"read: {shards.Count(shard => fleet.StatusOf(shard) is { Alive: true })} of {shards.Count} shard(s) agreed to be alive, {fleet.Checkers.Count} checker(s){(fleet.Leader is { } leader ? $", {leader.Name} leads" : "")}")),
            .. FleetAlarms.Of(fleet, []).Select(Finding.Of),
        ];
    }
}
