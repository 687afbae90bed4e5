using System.Globalization;
using StackExchange.Redis;

namespace RingKeeper.CommandGenerator;

/// <summary>The table that decides what becomes of each method of the library's database interfaces. The first rule that covers a method decides it.</summary>
internal static class CommandRules
{
    private static readonly Type[] Lists = [typeof(RedisKey[]), typeof(StreamPosition[]), typeof(KeyValuePair<RedisKey, RedisValue>[])];

    public static IReadOnlyList<CommandRule> Table { get; } =
    [
        new("`Multiplexer`", "The ring as one `IConnectionMultiplexer`, with the same policy.", static m => m.Name == "Multiplexer", Way.Expression, static _ => "Multiplexer"),

        new("`CreateBatch`",
            "A batch over all shards: each command goes into a batch of the shard that serves its keys when `Execute` is called, and all are sent side by side. Commands whose shards are not ready then follow when they are, one after another, in their order.",
            static m => m.Name == "CreateBatch",
            Way.Expression,
            static m => $"Batch({Arguments(m)})"),

        new("`CreateTransaction`",
            "A transaction on the shard of its first key, be it a condition's or a command's. A key of another shard is refused by the call that brings it (`CrossShardException`), and again by `Execute` where the ring has changed in between; then nothing was sent.",
            static m => m.Name == "CreateTransaction",
            Way.Expression,
            static m => $"Transaction({Arguments(m)})"),

        new("`Ping`",
            "All shards that are not agreed to be dead, side by side: the longest time, or the error that names the shard that failed.",
            static m => m.Command == "Ping",
            Way.Expression,
            static m => $"{m.Name}({Arguments(m)})"),

        Refuse("KeyRandom", "Shards do not know of each other, so that none can choose among all keys alike: use KeyRandom of the Database of a route for one shard's keys."),

        new("Waiting for tasks, the number of the database",
            "Asks nothing of a server: done as the library does it, with the timeout of the shards' connections. Works whatever the shards' status.",
            static m => m.Name is "Wait" or "WaitAll" or "TryWait" or "Database",
            Way.Expression,
            static m => m.IsProperty ? $"(({m.Owner.Name})Any).{m.Name}" : $"Any.{m.Name}({Arguments(m)})"),

        new("Whether the key's shard is connected",
            "The answer of the shard that serves the key; false, and no exception, while none does.",
            static m => m.Name == "IsConnected" && m.HasKeys(typeof(RedisKey)),
            Way.Expression,
            static m => $"IsServed({Arguments(m)})"),

        new("Locks",
            "The key's owner, whatever the policy, and `NoShardAvailableException` while it is away: on another shard the same lock could be held twice.",
            static m => m.Command.StartsWith("Lock", StringComparison.Ordinal) && m.HasKeys(typeof(RedisKey)),
            Way.Owner,
            static m => m.One<RedisKey>()!.Name!),

        new("Sorting",
            "The shard of the key, or the one shard of key and destination. A `*` in `by` or `get` is refused (`NotSupportedException`): it names keys that may lie on other shards.",
            static m => m.Command is "Sort" or "SortAndStore",
            Way.Routed,
            static m => m.HasKeys(typeof(RedisKey))
                ? "WithoutPatterns(key, by, get)"
                : $"CommandKeys.Of(\"{m.Command}\", destination, WithoutPatterns(key, by, get))"),

        new("Prepared scripts",
            "The script's members of the type `RedisKey` are its keys; then as any script. One that was loaded on one server runs on every shard: a connection loads what its server lacks.",
            static m => m.HasKeys(typeof(LuaScript)) || m.HasKeys(typeof(LoadedLuaScript)),
            Way.Expression,
            static m => $"Prepared(script).{(m.ReturnsTask ? "EvaluateAsync" : "Evaluate")}(this, parameters, null, flags)"),

        new("Scripts",
            "The one shard of the keys it is given; else `CrossShardException`. A script without keys is refused (`NotSupportedException`): it would run on a shard of nobody's choice.",
            static m => m.Command.StartsWith("ScriptEvaluate", StringComparison.Ordinal) && (m.HasKeys(typeof(RedisKey[])) || m.HasKeys(typeof(ReadOnlyMemory<RedisKey>))),
            Way.Routed,
            static m => $"CommandKeys.OfScript(\"{m.Command}\", keys)"),

        new("Ad-hoc commands",
            "The arguments of the type `RedisKey` are the keys: their one shard; else `CrossShardException`. Without such an argument: `NotSupportedException`.",
            static m => m.Command is "Execute" or "ExecuteResp" && m.KeyParameters.Single().Name == "args",
            Way.Routed,
            static m => $"CommandKeys.OfArguments(\"{m.Command}\", args)"),

        new("Publishing",
            "The shard that the channel's name, taken as a key, belongs to; for 5 s after the channel has moved, the shard before it too: see \"Publish and subscribe\". A batch or transaction publishes on the serving shard alone.",
            static m => m.HasKeys(typeof(RedisChannel)),
            Way.Expression,
            static m => $"{m.Name}({Arguments(m)})"),

        new("One key",
            "The shard that serves the key under the database's policy.",
            static m => m.HasKeys(typeof(RedisKey)),
            Way.Routed,
            static m => m.One<RedisKey>()!.Name!),

        new("Two or three keys",
            "The one shard that serves them all; else `CrossShardException`.",
            static m => m.HasKeys(typeof(RedisKey), typeof(RedisKey)) || m.HasKeys(typeof(RedisKey), typeof(RedisKey), typeof(RedisKey)),
            Way.Routed,
            static m => $"CommandKeys.{(m.KeyParameters.Any(static p => p.IsOptional) ? "OfTwoOrThree" : "Of")}({KeyList(m)})"),

        new("A key and a list of keys",
            "The one shard that serves them all; else `CrossShardException`.",
            static m => m.HasKeys(typeof(RedisKey), typeof(RedisKey[])),
            Way.Routed,
            static m => $"CommandKeys.Of({KeyList(m)})"),

        Split("Deleting, unlinking, touching and counting existing keys",
            "Split by shard, sent side by side, and the counts added.",
            static m => m.Command is "KeyDelete" or "KeyExists" or "KeyTouch",
            static _ => "Merges.Sum"),

        Split("Getting many strings",
            "Split by shard, sent side by side, and the values put in the order of the keys.",
            static m => m.Command == "StringGet",
            static _ => "Merges.InOrder"),

        Split("Setting many strings",
            "Split by shard and sent side by side, unless `when` says otherwise than `Always`: that is decided for all keys at once, by one shard.",
            static m => m.Command == "StringSet",
            static _ => "Merges.All",
            static _ => "when == When.Always"),

        Split("Union and intersection of sets",
            "Split by shard, sent side by side, and combined here. A difference needs all sets on one shard.",
            static m => m.Command == "SetCombine",
            static _ => "operation == SetOperation.Union ? Merges.Union : Merges.Intersection",
            static _ => "operation != SetOperation.Difference"),

        Split("Reading many streams",
            "Split by shard, sent side by side, and the streams put in the order of their positions; unless a maximum over all streams is given, or a group is read without acknowledgement: what one shard gives out would be lost when another fails.",
            static m => m.Command is "StreamRead" or "StreamReadGroup",
            static _ => "Merges.Streams",
            static m => string.Join(" && ", [
                .. m.Parameters.Any(static p => p.Name == "noAck") ? ["!noAck"] : Array.Empty<string>(),
                .. m.Parameters.Any(static p => p.Name == "maxCount") ? ["maxCount is null", "maxSize is null"] : Array.Empty<string>()]) is { Length: > 0 } only ? only : "true"),

        new("A list of keys, of keys and values, or of stream positions",
            "The one shard that serves them all; else `CrossShardException`. A list that is null or empty goes to the shard of the empty key, whose connection answers or refuses as the library does.",
            static m => Lists.Any(list => m.HasKeys(list)),
            Way.Routed,
            static m => $"CommandKeys.Of({KeyList(m)})"),
    ];

    /// <summary>Finds the rule of each method.</summary>
    /// <exception cref="UndecidedMethodException">A method has none, or a rule decides nothing.</exception>
    public static List<DecidedMethod> Decide(IEnumerable<CommandMethod> methods) => Decide(methods, Table, nameof(CommandRules));

    /// <summary>Finds the rule of each method in a table.</summary>
    /// <exception cref="UndecidedMethodException">A method has none, or a rule decides nothing.</exception>
    public static List<DecidedMethod> Decide(IEnumerable<CommandMethod> methods, IReadOnlyList<CommandRule> table, string name)
    {
        var decided = methods.Select(method => new DecidedMethod(method, RuleOf(method, table, name))).ToList();
        var idle = table.Except(decided.Select(static d => d.Rule)).ToList();
        return idle.Count == 0
            ? decided
            : throw new UndecidedMethodException($"These rules decide nothing; remove them or correct what they cover: {string.Join("; ", idle.Select(static rule => rule.Title))}.");
    }

    private static CommandRule RuleOf(CommandMethod method, IReadOnlyList<CommandRule> table, string name) =>
        table.FirstOrDefault(rule => rule.Covers(method))
        ?? throw new UndecidedMethodException($"No rule decides {method}. Add one to the table of {name}.");

    private static CommandRule Split(string title, string says, Func<CommandMethod, bool> covers, Func<CommandMethod, string> merge, Func<CommandMethod, string>? maySplit = null) => new(
        title,
        says,
        m => covers(m) && Lists.Any(list => m.HasKeys(list)),
        Way.Split,
        static m => $"CommandKeys.Of({KeyList(m)})") { Merge = merge, MaySplit = maySplit };

    private static CommandRule Refuse(string name, string why) => new(
        string.Create(CultureInfo.InvariantCulture, $"`{name}`"),
        $"`NotSupportedException`. {why}",
        method => method.Command == name && !method.KeyParameters.Any(),
        Way.Refused,
        _ => why);

    private static string Arguments(CommandMethod method) => string.Join(", ", method.Parameters.Select(static p => p.Name));

    private static string KeyList(CommandMethod method) => $"\"{method.Command}\", {string.Join(", ", method.KeyParameters.Select(static p => p.Name))}";
}
