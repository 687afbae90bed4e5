using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>doctor</c> was asked.</summary>
internal sealed record DoctorRequest(ZooKeeperAccess ZooKeeper, string Name, TimeSpan Timeout, RedisSettings Redis, bool Json);

internal static class DoctorCommand
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(1);

    public static Command Build(CliContext context, CommandHandler<DoctorRequest> handler)
    {
        var name = Arguments.ClusterName();
        var timeout = Arguments.Duration("--timeout", "How long each server may take to answer, up to 1m", DefaultTimeout);
        var json = Arguments.Json();
        timeout.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<TimeSpan?>() > LongestTimeout)
            {
                result.AddError($"--timeout: give a time of at most {Duration.Format(LongestTimeout)}.");
            }
        });
        return context.Bind(
            new Command("doctor", "Looks for what goes wrong in practice, and says what to do.") { name, timeout, json },
            parsed => new DoctorRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(timeout) ?? DefaultTimeout, context.ReadRedis(parsed), parsed.GetValue(json)),
            handler,
            "ringkeeper doctor sessions",
            "ringkeeper doctor sessions --timeout 2s --json");
    }
}
