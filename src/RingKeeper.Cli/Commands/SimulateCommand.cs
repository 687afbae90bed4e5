using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>simulate</c> was asked.</summary>
internal sealed record SimulateRequest
{
    /// <summary>Gets where the cluster is; null where it is taken from a file.</summary>
    public ZooKeeperAccess? ZooKeeper { get; init; }

    /// <summary>Gets the cluster's name; null for the only one of the file.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the document that describes the cluster, or null.</summary>
    public string? File { get; init; }

    public IReadOnlyList<string> Kill { get; init; } = [];

    public IReadOnlyList<Shard> Add { get; init; } = [];

    public IReadOnlyList<string> Remove { get; init; } = [];

    public IReadOnlyList<ShardWeight> Weights { get; init; } = [];

    /// <summary>Gets whether shards that are dead now count as alive.</summary>
    public bool AllAlive { get; init; }

    /// <summary>Gets the file of keys, one a line, or null.</summary>
    public string? Keys { get; init; }

    /// <summary>Gets how many keys to try, or null.</summary>
    public int? Sample { get; init; }

    public bool Json { get; init; }

    public required TextReader Input { get; init; }
}

internal static class SimulateCommand
{
    public static Command Build(CliContext context, CommandHandler<SimulateRequest> handler)
    {
        var name = Arguments.ClusterName();
        name.Arity = ArgumentArity.ZeroOrOne;
        var kill = Names("--kill", "The name of a shard that dies; once for each.");
        var add = Arguments.Shards("--add", "A Redis server that is added; once for each.");
        var remove = Names("--remove", "The name of a shard that is removed; once for each.");
        var weights = Arguments.Weights();
        var alive = new Option<bool>("--all-alive") { Description = "Counts shards that are dead now as alive." };
        var file = new Option<string>("--file", "-f") { Description = "Takes the cluster from a document, as 'cluster export' writes it, instead of from ZooKeeper; - for standard input.", HelpName = "FILE" };
        var keys = new Option<string>("--keys") { Description = "Counts these keys, one a line, instead of the key space; - for standard input.", HelpName = "FILE" };
        var sample = new Option<int?>("--sample") { Description = "Counts this many keys, always the same, instead of the key space.", HelpName = "N" };
        var json = Arguments.Json();
        sample.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var count) || count < 1))
            {
                result.AddError($"--sample {text}: give a number of at least 1.");
            }
        });
        var command = new Command("simulate", "Tells what deaths and changes would move: keys, load and misses. Changes nothing.") { name, kill, add, remove, weights, alive, file, keys, sample, json };
        command.Validators.Add(result =>
        {
            if (!((Option[])[kill, add, remove, weights]).Any(option => result.GetResult(option) is not null))
            {
                result.AddError("Nothing to simulate: give --kill SHARD, --add NAME=ADDR, --remove SHARD or --weight NAME=N.");
            }

            if (result.GetResult(name) is not { Tokens.Count: > 0 } && result.GetResult(file) is null)
            {
                result.AddError("Give the NAME of a cluster, or a document by --file.");
            }

            if (result.GetResult(keys) is not null && result.GetResult(sample) is not null)
            {
                result.AddError("--keys and --sample are two ways to count; give one.");
            }

            if (result.GetValue(keys) == "-" && result.GetValue(file) == "-")
            {
                result.AddError("Standard input cannot hold both the document and the keys.");
            }
        });
        return context.Bind(
            command,
            parsed => new SimulateRequest
            {
                ZooKeeper = parsed.GetValue(file) is null ? context.ZooKeeper.Require(parsed) : null,
                Name = parsed.GetValue(name),
                File = parsed.GetValue(file),
                Kill = parsed.GetValue(kill) ?? [],
                Add = parsed.GetValue(add) ?? [],
                Remove = parsed.GetValue(remove) ?? [],
                Weights = parsed.GetValue(weights) ?? [],
                AllAlive = parsed.GetValue(alive),
                Keys = parsed.GetValue(keys),
                Sample = parsed.GetValue(sample),
                Json = parsed.GetValue(json),
                Input = context.Environment.Input,
            },
            handler,
            "ringkeeper simulate sessions --kill cache2",
            "ringkeeper simulate sessions --add cache4=10.0.0.4:6379 --remove cache1 --file clusters.yaml",
            "redis-cli --scan | ringkeeper simulate sessions --kill cache2 --keys -");
    }

    private static Option<string[]> Names(string name, string description) => new(name) { Description = description, HelpName = "SHARD", AllowMultipleArgumentsPerToken = true };
}
