using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>doctor</c> was asked.</summary>
internal sealed record DoctorRequest(ZooKeeperAccess ZooKeeper, string Name, bool Json);

internal static class DoctorCommand
{
    public static Command Build(CliContext context, CommandHandler<DoctorRequest> handler)
    {
        var name = Arguments.ClusterName();
        var json = Arguments.Json();
        return context.Bind(
            new Command("doctor", "Looks for what goes wrong in practice, and says what to do.") { name, json },
            parsed => new DoctorRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(json)),
            handler);
    }
}
