using System.Globalization;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Doctor;

/// <summary>Whether the ensemble has a quorum, and how much it bears.</summary>
internal sealed class QuorumCheck : IDoctorCheck
{
    public string Name => "ZooKeeper quorum";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        var modes = facts.Servers.Where(static server => server.Serves).Select(static server => server.Answer.Value!.Mode ?? "").ToList();
        if (facts.Session.Value is null)
        {
            yield return Finding.Critical("zk-unreachable", $"no server gives a session: {facts.Session.Trouble}", "start the ZooKeeper servers; check the address, the chroot, the credentials, and firewalls between here and them");
        }
        else
        {
            yield return Finding.Ok("zk-quorum", string.Create(CultureInfo.InvariantCulture, $"a session was given by {facts.Session.Value.Server}; {modes.Count} of {facts.Servers.Count} server(s) named say that they serve"));
        }

        // Each ensemble has one server that leads, or is one that stands alone.
        if (modes.Count(static mode => mode is "leader" or "standalone") is > 1 and var heads)
        {
            yield return Finding.Critical("zk-two-ensembles", string.Create(CultureInfo.InvariantCulture, $"the connect string names servers of {heads} ensembles: so many say that they lead or stand alone"), "name the servers of one ensemble only, in every program");
        }

        foreach (var finding in Size(facts, modes))
        {
            yield return finding;
        }
    }

    private static IEnumerable<Finding> Size(DoctorFacts facts, List<string> modes)
    {
        if (facts.Session.Value is null)
        {
            yield return Finding.NotChecked("zk-size", "how many servers the ensemble has is not known: there is no session", "see the finding about ZooKeeper");
            yield break;
        }

        var told = facts.Session.Value.Ensemble;
        var members = told.Value?.Members ?? [];
        var voters = members.Count(static member => member.Role == EnsembleRole.Participant);
        if (members.Count == 0 && modes is ["standalone"])
        {
            yield return Finding.Warning("zk-single", "one ZooKeeper server stands alone: while it is away nothing is decided, and its disk is the only copy", "run an ensemble of three, on machines of their own");
        }
        else if (members.Count == 0)
        {
            yield return Finding.NotChecked(
                "zk-size", $"how many servers the ensemble has is not known: {(told.Value is null ? told.Trouble : "its servers tell no list of themselves")}", "compare the server lines of zoo.cfg with the connect string");
        }
        else if (voters < 3)
        {
            yield return Finding.Warning("zk-single", string.Create(CultureInfo.InvariantCulture, $"the ensemble has {voters} voting server(s): it bears the loss of none"), "run three, on machines of their own");
        }
        else if (voters % 2 == 0)
        {
            yield return Finding.Note("zk-even", string.Create(CultureInfo.InvariantCulture, $"the ensemble has {voters} voting servers: it bears the loss of {(voters - 1) / 2}, as {voters - 1} would"), "add one, or take one out");
        }
        else
        {
            yield return Finding.Ok("zk-size", string.Create(CultureInfo.InvariantCulture, $"{voters} voting servers: the ensemble bears the loss of {(voters - 1) / 2}"));
        }

        if (members.Count > facts.Servers.Count)
        {
            yield return Finding.Warning(
                "zk-unnamed",
                string.Create(CultureInfo.InvariantCulture, $"the connect string names {facts.Servers.Count} server(s), and the ensemble has {members.Count}: the others help nobody who connects"),
                "name them all in every program, unless a name stands for several addresses");
        }
    }
}
