using System.CommandLine;
using System.CommandLine.Parsing;

namespace RingKeeper.Cli;

/// <summary>Arguments and options that several commands share, with their checks.</summary>
internal static class Arguments
{
    /// <summary>The most points that a shard may have on a ring.</summary>
    public const int MostPoints = 10_000;

    private const int LongestName = 128;

    /// <summary>A cluster to create: names are strict, so that they are safe in paths everywhere.</summary>
    public static Argument<string> NewClusterName() => ClusterName(static name => IsStrictName(name)
        ? null
        : $"'{name}' is not a name for a cluster. Use 1 to {LongestName} letters, digits, '.', '_' or '-'.");

    /// <summary>A cluster that exists: other tools may have named it more freely.</summary>
    public static Argument<string> ClusterName() => ClusterName(FlawOfName);

    /// <summary>A shard that exists.</summary>
    public static Argument<string> ShardName() => new("SHARD") { Description = "The name of the shard." };

    /// <summary>How a shard that dies again and again is kept from returning at once.</summary>
    public static Option<FlapPolicy?> FlapPolicies()
    {
        var names = Enum.GetNames<FlapPolicy>().Select(static name => name.ToLowerInvariant()).ToArray();
        var option = new Option<FlapPolicy?>("--flap-policy")
        {
            Description = $"How a shard that dies again and again is kept from returning at once: {string.Join(", ", names)} (default: {names[0]}).",
            HelpName = string.Join('|', names),
            CustomParser = result =>
            {
                var text = result.Tokens is [{ Value: var value }] ? value : "";
                if (names.Contains(text, StringComparer.OrdinalIgnoreCase))
                {
                    return Enum.Parse<FlapPolicy>(text, ignoreCase: true);
                }

                result.AddError($"--flap-policy {text}: give one of {string.Join(", ", names)}.");
                return null;
            },
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add(names);
        return option;
    }

    /// <summary>The share of shards that may die at once without waiting.</summary>
    public static Option<int?> MaxDeadPercent()
    {
        var option = new Option<int?>("--max-dead-percent")
        {
            Description = "The share of shards that may die at once on a majority's word; more deaths wait (default: 50; 100 never waits).", HelpName = "N",
        };
        option.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var percent) || percent is < 1 or > 100))
            {
                result.AddError($"--max-dead-percent {text}: give a number from 1 to 100.");
            }
        });
        return option;
    }

    /// <summary>By how much clocks may differ.</summary>
    public static Option<TimeSpan?> ClockTolerance() => Limited(
        "--clock-tolerance", "By how much clocks may differ, for caches shared with Go programs (default: 250ms).", ClusterRules.MinClockTolerance, ClusterRules.MaxClockTolerance, canBeOff: false);

    /// <summary>For how long a miss may be filled from the shard that served the key before; zero for never.</summary>
    public static Option<TimeSpan?> WarmReturn() => Limited(
        "--warm-return", "For how long after a shard's return caches may fill misses from the shard that served the key until then (default: off).", ClusterRules.MinWarmReturn, ClusterRules.MaxWarmReturn, canBeOff: true);

    /// <summary>Says why a text cannot be the name of a cluster that exists, or null.</summary>
    public static string? FlawOfName(string name) => name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal)
        ? $"'{name}' cannot be the name of a cluster: it must be one part of a ZooKeeper path."
        : null;

    public static Option<bool> Json() => new("--json") { Description = "Writes the result as JSON." };

    public static Option<Shard[]> Shards(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "NAME=ADDR",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = ParseShards,
    };

    public static Option<ShardWeight[]> Weights() => new("--weight")
    {
        Description = "The share of keys of a shard beside the others', for the rings Ketama and Rendezvous (default: 1).",
        HelpName = "NAME=N",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = ParseWeights,
    };

    public static Option<TimeSpan?> Duration(string name, string description, TimeSpan standard) => new(name)
    {
        Description = $"{description} (default: {standard.TotalSeconds:0.###}s).",
        HelpName = "DURATION",
        CustomParser = ParseDuration,
    };

    public static Option<int> Count(string name, string description, int standard, int least = 1, int most = int.MaxValue)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var value) || value < least || value > most))
            {
                result.AddError(most == int.MaxValue
                    ? $"{name} {text}: give a number of at least {least}."
                    : $"{name} {text}: give a number from {least} to {most}.");
            }
        });
        return option;
    }

    private static Argument<string> ClusterName(Func<string, string?> refuse)
    {
        var argument = new Argument<string>("NAME") { Description = "The name of the cluster." };
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && refuse(name) is { } error)
            {
                result.AddError(error);
            }
        });
        return argument;
    }

    private static bool IsStrictName(string name) =>
        name.Length is >= 1 and <= LongestName
        && name is not ("." or "..")
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    // Pools of twemproxy may place a server by its address, which then is its name here.
    private static bool IsShardName(string name) => IsStrictName(name.Replace(':', '-'));

    private static ShardWeight[] ParseWeights(ArgumentResult result)
    {
        var weights = new List<ShardWeight>();
        foreach (var text in result.Tokens.Select(static token => token.Value))
        {
            var equals = text.LastIndexOf('=');
            if (equals > 0 && int.TryParse(text.AsSpan(equals + 1), out var weight) && weight is >= 1 and <= ShardWeights.Most)
            {
                weights.Add(new ShardWeight(text[..equals], weight));
            }
            else
            {
                result.AddError($"'{text}' is not a weight. Write NAME=N, such as cache1=2, with N from 1 to {ShardWeights.Most}.");
            }
        }

        return [.. weights];
    }

    private static Shard[] ParseShards(ArgumentResult result)
    {
        var shards = new List<Shard>();
        foreach (var token in result.Tokens)
        {
            if (ParseShard(token.Value, shards, out var error) is { } shard)
            {
                shards.Add(shard);
            }
            else
            {
                result.AddError(error);
            }
        }

        return [.. shards];
    }

    private static Shard? ParseShard(string text, List<Shard> before, out string error)
    {
        var (name, addr) = text.Split('=', 2) is [var left, var right] ? (left, right) : ("", "");
        error = (name, addr) switch
        {
            _ when !IsShardName(name) =>
                $"'{text}' is not a shard. Write NAME=ADDR, such as cache1=10.0.0.1:6379, with a name of 1 to {LongestName} letters, digits, '.', '_', '-' or ':'.",
            _ when !ShardAddress.TryParse(addr, out _) =>
                $"'{addr}' is not the address of a shard. Write host:port, [v6]:port, or :port for this machine.",
            _ when before.Any(shard => shard.Name == name) => $"The shard name {name} is given twice.",
            _ when before.Any(shard => shard.Addr == addr) => $"The address {addr} is given twice.",
            _ => "",
        };
        return error.Length == 0 ? new Shard(name, addr) : null;
    }

    // Zero stands for off.
    private static Option<TimeSpan?> Limited(string name, string description, TimeSpan least, TimeSpan most, bool canBeOff) => new(name)
    {
        Description = description,
        HelpName = canBeOff ? "DURATION|off" : "DURATION",
        CustomParser = result =>
        {
            var text = result.Tokens is [{ Value: var value }] ? value : "";
            if (canBeOff && string.Equals(text, "off", StringComparison.OrdinalIgnoreCase))
            {
                return TimeSpan.Zero;
            }

            if (Cli.Duration.TryParse(text, out var duration) && duration >= least && duration <= most && duration.Ticks % TimeSpan.TicksPerMillisecond == 0)
            {
                return duration;
            }

            result.AddError($"{name} {text}: give a time from {Cli.Duration.Format(least)} to {Cli.Duration.Format(most)} in whole milliseconds, such as 500ms or 1.5s{(canBeOff ? ", or off" : "")}.");
            return null;
        },
    };

    private static TimeSpan? ParseDuration(ArgumentResult result)
    {
        var text = result.Tokens is [{ Value: var value }] ? value : "";
        if (Cli.Duration.TryParse(text, out var duration))
        {
            return duration;
        }

        result.AddError($"'{text}' is not a duration. Write a number and a unit, such as 500ms, 1s, 1.5s or 2m.");
        return null;
    }
}
