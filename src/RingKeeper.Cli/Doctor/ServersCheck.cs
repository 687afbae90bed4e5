using System.Globalization;

namespace RingKeeper.Cli.Doctor;

/// <summary>Whether each ZooKeeper server of the connect string answers and serves.</summary>
internal sealed class ServersCheck : IDoctorCheck
{
    public string Name => "ZooKeeper servers";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        foreach (var server in facts.Servers)
        {
            yield return server switch
            {
                { Answer.Value: { Mode: "read-only" } } => Finding.Warning(
                    "zk-server-down", $"{server.Server} has lost its quorum and serves reads alone", "start the other servers of its ensemble, or look at the network between them"),
                { Answer.Value: { } told } => Finding.Ok("zk-server", string.Create(CultureInfo.InvariantCulture, $"{server.Server}: {told.Mode}, version {told.Version}, {told.Connections ?? 0} connection(s)")),
                { Refuses: true } => Finding.NotChecked("zk-server", $"{server.Server} runs and does not tell of itself: {server.Answer.Trouble}", "add srvr to 4lw.commands.whitelist of that server"),
                _ => Finding.Warning("zk-server-down", $"{server.Server} does not serve: {server.Answer.Trouble}", $"start that server, or take {server.Server} out of the connect string everywhere"),
            };
        }
    }
}
