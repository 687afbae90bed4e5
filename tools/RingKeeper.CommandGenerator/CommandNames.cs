using StackExchange.Redis;

namespace RingKeeper.CommandGenerator;

/// <summary>
/// Names the Redis command that each method sends, for telemetry. Where a method sends one of several by its arguments, or more than one, it is the one that does
/// what the method is called for: SET though an expiry makes it SETEX, GET though PTTL goes with it.
/// </summary>
internal static partial class CommandNames
{
    /// <summary>The name of what a method sends whose caller names the command.</summary>
    public const string CallersOwn = "EXECUTE";

    // Overloads that send another command than the table says of their name: those with a parameter of this type.
    private static readonly (string Command, Type With, string Name)[] Overloads =
    [
        ("ArrayGet", typeof(RedisArrayIndex[]), "ARMGET"),
        ("ArraySet", typeof(RedisArrayEntry[]), "ARMSET"),
        ("GeoRadius", typeof(RedisValue), "GEORADIUSBYMEMBER"),
        ("HashDecrement", typeof(double), "HINCRBYFLOAT"),
        ("HashFieldExpire", typeof(DateTime), "HEXPIREAT"),
        ("HashGet", typeof(RedisValue[]), "HMGET"),
        ("HashIncrement", typeof(double), "HINCRBYFLOAT"),
        ("HashSet", typeof(HashEntry[]), "HMSET"),
        ("KeyExpire", typeof(DateTime?), "EXPIREAT"),
        ("ListLeftPop", typeof(RedisKey[]), "LMPOP"),
        ("ListMove", typeof(ListMoveCount), "LMOVEM"),
        ("ListRightPop", typeof(RedisKey[]), "LMPOP"),
        ("SetContains", typeof(RedisValue[]), "SMISMEMBER"),
        ("SortedSetPop", typeof(RedisKey[]), "ZMPOP"),
        ("StreamDelete", typeof(StreamTrimMode), "XDELEX"),
        ("StringDecrement", typeof(double), "INCRBYFLOAT"),
        ("StringGet", typeof(RedisKey[]), "MGET"),
        ("StringIncrement", typeof(IncrementOptions), "INCREX"),
        ("StringIncrement", typeof(double), "INCRBYFLOAT"),
        ("StringSet", typeof(KeyValuePair<RedisKey, RedisValue>[]), "MSET"),
    ];

    /// <summary>Whether a method sends no command of its own.</summary>
    public static bool IsSilent(CommandMethod method) =>
        method.Command is "Multiplexer" or "Database" or "CreateBatch" or "CreateTransaction" or "IsConnected" or "Wait" or "WaitAll" or "TryWait";

    /// <summary>Gives the Redis command that a method sends.</summary>
    /// <exception cref="UndecidedMethodException">Nobody has found out, or it sends none.</exception>
    public static string Of(CommandMethod method)
    {
        if (method.Command is "Execute" or "ExecuteResp")
        {
            return CallersOwn;
        }

        var types = method.Parameters.Select(static p => p.ParameterType).ToList();
        return Overloads.FirstOrDefault(line => line.Command == method.Command && types.Contains(line.With)).Name
            ?? Table.GetValueOrDefault(method.Command)
            ?? throw new UndecidedMethodException(IsSilent(method)
                ? $"{method} sends no command, so that it has no name for telemetry."
                : $"{method} has no name for telemetry. Find out which Redis command it sends and add it to {nameof(CommandNames)}.{nameof(Table)}.");
    }

    /// <summary>Gives a C# expression for that command, in the method's own body: by its arguments where these decide and can be told apart.</summary>
    /// <exception cref="UndecidedMethodException">As <see cref="Of"/>.</exception>
    public static string Expression(CommandMethod method)
    {
        var name = Of(method);
        if (name == CallersOwn)
        {
            return $"CommandTelemetry.NameOf({method.One<string>()!.Name})";
        }

        return method.One<SetOperation>() is { } operation
            ? $"{operation.Name} switch {{ SetOperation.Intersect => \"{name.Replace("UNION", "INTER", StringComparison.Ordinal)}\", SetOperation.Difference => \"{name.Replace("UNION", "DIFF", StringComparison.Ordinal)}\", _ => \"{name}\" }}"
            : $"\"{name}\"";
    }

    /// <summary>Finds lines that name no method, which a change of the library leaves behind.</summary>
    public static IEnumerable<string> Idle(IReadOnlyCollection<CommandMethod> methods) =>
    [
        .. Table.Keys.Where(command => !methods.Any(method => method.Command == command)),
        .. Overloads.Where(line => !methods.Any(method => method.Command == line.Command && method.Parameters.Any(p => p.ParameterType == line.With))).Select(static line => $"{line.Command} with {line.With.Name}"),
    ];
}
