using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>balance</c> was asked.</summary>
internal sealed record BalanceRequest(ZooKeeperAccess ZooKeeper, string Name, RedisSettings Redis, bool Json)
{
    /// <summary>How many keys are looked at; null for all.</summary>
    public int? Sample { get; init; }

    /// <summary>How many keys a second at most, over all shards.</summary>
    public int Rate { get; init; }

    /// <summary>How many of the biggest keys are told.</summary>
    public int Biggest { get; init; }

    /// <summary>The database, or null for that of the settings.</summary>
    public int? Database { get; init; }

    /// <summary>The database of the settings.</summary>
    public int DefaultDatabase
    {
        get
        {
            var configuration = new StackExchange.Redis.ConfigurationOptions();
            Redis.Apply(configuration);
            return configuration.DefaultDatabase ?? 0;
        }
    }
}

internal static class BalanceCommand
{
    public static Command Build(CliContext context, CommandHandler<BalanceRequest> handler)
    {
        var name = Arguments.ClusterName();
        var sample = Arguments.Count("--sample", "How many keys to look at, shared out by what the shards hold.", 10_000, 1, 10_000_000);
        var all = new Option<bool>("--all") { Description = "Looks at every key." };
        var rate = Arguments.Count("--rate", "How many keys a second at most, over all shards.", 5_000, 1, 1_000_000);
        var biggest = Arguments.Count("--biggest", "How many of the biggest keys to tell.", 10, 0, 1_000);
        var database = new Option<int?>("--database") { Description = $"The database (default: that of {RedisVariable.Name}, else 0).", HelpName = "N" };
        var json = Arguments.Json();
        database.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var number) || number < 0))
            {
                result.AddError($"--database {text}: give a number of at least 0.");
            }
        });
        var command = new Command("balance", "Shows how keys and bytes lie on the shards, by a sample.") { name, sample, all, rate, biggest, database, json };
        command.Validators.Add(result =>
        {
            if (result.GetResult(sample) is { Implicit: false } && result.GetValue(all))
            {
                result.AddError("--sample and --all exclude each other: leave one out.");
            }
        });
        return context.Bind(
            command,
            parsed => new BalanceRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), context.ReadRedis(parsed), parsed.GetValue(json))
            {
                Sample = parsed.GetValue(all) ? null : parsed.GetValue(sample), Rate = parsed.GetValue(rate), Biggest = parsed.GetValue(biggest), Database = parsed.GetValue(database),
            },
            handler,
            "ringkeeper balance sessions",
            "ringkeeper balance sessions --sample 100000 --rate 20000 --biggest 50",
            "ringkeeper balance sessions --all --rate 1000 --json");
    }
}
