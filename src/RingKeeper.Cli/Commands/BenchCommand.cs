using System.CommandLine;
using System.Globalization;
using RingKeeper.Cli.Bench;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>bench</c> was asked.</summary>
internal sealed record BenchRequest(ZooKeeperAccess ZooKeeper, string Name, RedisSettings Redis, BenchPlan Plan, bool Json);

internal static class BenchCommand
{
    private const int MostClients = 1_024;
    private const int MostValue = 1_000_000;
    private const int MostKeys = 1_000_000;
    private static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(10);

    public static Command Build(CliContext context, CommandHandler<BenchRequest> handler)
    {
        var name = Arguments.ClusterName();
        var duration = Arguments.Duration("--duration", "For how long each of the two loads is measured, 1s to 10m", DefaultDuration);
        var clients = Arguments.Count("--clients", "How many operations are under way at once.", 64, 1, MostClients);
        var read = ReadOption();
        var valueSize = Arguments.Count("--value-size", "The bytes of a value.", 100, 1, MostValue);
        var keys = Arguments.Count("--keys", "How many keys there are.", 10_000, 1, MostKeys);
        var seed = new Option<int?>("--seed") { Description = "What all choices follow from (default: random, and told).", HelpName = "N" };
        var json = Arguments.Json();
        var command = new Command("bench", "Drives a cluster for a while and prints what it bears.") { name, duration, clients, read, valueSize, keys, seed, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(duration) is { } span && (span < Least || span > Most))
            {
                result.AddError($"--duration {Duration.Format(span)}: give a time from {Duration.Format(Least)} to {Duration.Format(Most)}.");
            }

            if ((long)result.GetValue(keys) * result.GetValue(valueSize) > BenchPlan.MostBytes)
            {
                result.AddError($"--keys and --value-size: all values together may take {ByteSize.Format(BenchPlan.MostBytes)}; ask for less.");
            }
        });
        return context.Bind(
            command,
            parsed => new BenchRequest(
                context.ZooKeeper.Require(parsed),
                parsed.GetRequiredValue(name),
                context.ReadRedis(parsed),
                new BenchPlan(
                    parsed.GetValue(duration) ?? DefaultDuration, parsed.GetValue(clients), parsed.GetValue(read), parsed.GetValue(valueSize), parsed.GetValue(keys),
                    parsed.GetValue(seed) ?? System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue)),
                parsed.GetValue(json)),
            handler,
            "ringkeeper bench sessions --duration 10s --clients 64 --read 0.9",
            "ringkeeper bench sessions --value-size 1000 --keys 100000 --seed 7 --json");
    }

    private static Option<double> ReadOption() => new("--read")
    {
        Description = "The part of the operations that reads, 0 to 1; the others write (default: 0.9).",
        HelpName = "PART",
        DefaultValueFactory = static _ => 0.9,
        CustomParser = static result =>
        {
            var text = result.Tokens is [{ Value: var value }] ? value : "";
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var part) && part is >= 0 and <= 1)
            {
                return part;
            }

            result.AddError($"--read {text}: give a number from 0 to 1, such as 0.9.");
            return 0;
        },
    };
}
