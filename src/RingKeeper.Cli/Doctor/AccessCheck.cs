using System.Globalization;

namespace RingKeeper.Cli.Doctor;

/// <summary>Whether anybody may change the cluster's znodes.</summary>
internal sealed class AccessCheck : IDoctorCheck
{
    public string Name => "access";

    public IEnumerable<Finding> Judge(DoctorFacts facts) => facts switch
    {
        { OpenNodes.Value: null } => [Finding.NotChecked("acl", $"the ACLs could not be read: {facts.OpenNodes.Trouble}", "see the finding about ZooKeeper, or give credentials that may read ACLs")],
        { OpenNodes.Value: { Count: > 0 } open, Fleet.Value: { } fleet } => FleetAlarms.Of(fleet, open).Where(static alarm => alarm.Code == "open-acl").Select(Finding.Of),
        { Fleet.Value: null } => [facts.Unread("acl")],
        _ => [Finding.Ok("acl", "the cluster's znode and all right below it are kept for identities")],
    };
}
