using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>A transaction on the shard of its first key: routed when it is executed, all keys in one view.</summary>
internal sealed class RoutedTransaction(IShardRoutes routes, RoutePolicy policy, RoutedFace face, object? asyncState) : QueuedDatabase(routes, policy, face, asyncState), ITransaction
{
    private const string Name = "the transaction";

    private readonly Lock _adding = new();
    private List<Guard> _conditions = [];

    // The first key that was brought, against which the others are held.
    private RedisKey? _first;

    /// <summary>Whether the last execution ended because a key had changed meanwhile.</summary>
    public bool WasWatchConflict { get; private set; }

    public ConditionResult AddCondition(Condition condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var key = KeyOf(condition);
        Admit(CommandKeys.Of(Name, [key]));
        var result = ResultOf(condition);
        lock (_adding)
        {
            _conditions.Add(new Guard(condition, key, result));
        }

        return result;
    }

    public void Execute() => Execute(CommandFlags.None);

    public bool Execute(CommandFlags flags = CommandFlags.None)
    {
        var (commands, conditions) = (Take(), TakeConditions());
        if (commands.Count + conditions.Count == 0)
        {
            return true;
        }

        try
        {
            var (keys, policy) = (KeysOf(commands, conditions), PolicyOf(commands));
            return CommandTelemetry.IsOn
                ? CommandTelemetry.Tell("MULTI", () => Routes.Serving(keys, policy), shard => Run(shard, commands, conditions, flags), Math.Max(1, commands.Count))
                : Run(Routes.Serving(keys, policy).Database, commands, conditions, flags);
        }
        catch (Exception exception)
        {
            Fail(commands, exception);
            throw;
        }
    }

    public async Task<bool> ExecuteAsync(CommandFlags flags = CommandFlags.None)
    {
        var (commands, conditions) = (Take(), TakeConditions());
        if (commands.Count + conditions.Count == 0)
        {
            return true;
        }

        try
        {
            var routing = Routes.ConnectAsync(KeysOf(commands, conditions), PolicyOf(commands));
            return CommandTelemetry.IsOn
                ? await CommandTelemetry.TellAsync("MULTI", routing, shard => RunAsync(shard, commands, conditions, flags), Math.Max(1, commands.Count)).ConfigureAwait(false)
                : await RunAsync((await routing.ConfigureAwait(false)).Database, commands, conditions, flags).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Fail(commands, exception);
            throw;
        }
    }

    // A key that is known to lie elsewhere is refused where it is brought; what is not known is left to the execution.
    protected override void Admit(in CommandKeys keys)
    {
        keys.RequireAll();
        lock (_adding)
        {
            var first = _first ?? keys[0];
            for (var i = _first is null ? 1 : 0; i < keys.Count; i++)
            {
                if (Routes.TryServing(first, Policy) is { } bound && Routes.TryServing(keys[i], Policy) is { } other && bound != other)
                {
                    Routes.Serving(CommandKeys.Of(Name, first, keys[i]), Policy);
                }
            }

            // Only now: a command that is refused binds nothing.
            _first = first;
        }
    }

    private static RedisKey KeyOf(Condition condition)
    {
        RedisKey? found = null;
        MapKeys(condition, key =>
        {
            found = key;
            return key;
        });
        return found ?? throw new NotSupportedException($"The condition {condition.GetType().Name} tells no key, so that its shard cannot be found. Use a transaction of the Database of the route that ConnectAsync gives.");
    }

    private static CommandKeys KeysOf(List<QueuedCommand> commands, List<Guard> conditions) =>
        CommandKeys.Of(Name, [.. conditions.Select(static one => one.Key), .. commands.SelectMany(static command => Enumerable.Range(0, command.Keys.Count).Select(i => command.Keys[i]))]);

    // As the library does it, whatever becomes of the execution: what is brought next is another transaction.
    private List<Guard> TakeConditions()
    {
        lock (_adding)
        {
            var taken = _conditions;
            _conditions = [];
            _first = null;
            return taken;
        }
    }

    // A lock among its commands keeps all of it at the owner.
    private RoutePolicy PolicyOf(List<QueuedCommand> commands) => commands.Exists(static command => command.Policy == RoutePolicy.OwnerOnly) ? RoutePolicy.OwnerOnly : Policy;

    private bool Run(IDatabase shard, List<QueuedCommand> commands, List<Guard> conditions, CommandFlags flags)
    {
        var started = Start(shard, commands, conditions);
        return End(started, commands, started.Transaction.Execute(flags));
    }

    private async Task<bool> RunAsync(IDatabase shard, List<QueuedCommand> commands, List<Guard> conditions, CommandFlags flags)
    {
        var started = Start(shard, commands, conditions);
        return End(started, commands, await started.Transaction.ExecuteAsync(flags).ConfigureAwait(false));
    }

    private Started Start(IDatabase shard, List<QueuedCommand> commands, List<Guard> brought)
    {
        var transaction = shard.CreateTransaction(AsyncState);
        List<(ConditionResult Told, ConditionResult Result)> conditions = [];
        foreach (var (condition, _, result) in brought)
        {
            conditions.Add((result, transaction.AddCondition(condition)));
        }

        foreach (var command in commands)
        {
            command.Start(_ => transaction, KeyParts.Whole(new ShardRoute(shard, null!, 0), command.Keys));
        }

        return new Started(transaction, conditions);
    }

    private bool End(Started started, List<QueuedCommand> commands, bool committed)
    {
        foreach (var (told, result) in started.Conditions)
        {
            SetSatisfied(told, result.WasSatisfied);
        }

        WasWatchConflict = started.Transaction.WasWatchConflict;

        // Their own ends are on the way; whoever reads a result now need not wait for that.
        commands.ForEach(static command => command.Settle());
        return committed;
    }

    private static void Fail(List<QueuedCommand> commands, Exception exception)
    {
        foreach (var command in commands)
        {
            command.Settle();
            command.Fail(exception);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "MapKeys")]
    private static extern Condition MapKeys(Condition condition, Func<RedisKey, RedisKey> map);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern ConditionResult ResultOf(Condition condition);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SetSatisfied")]
    private static extern void SetSatisfied(ConditionResult result, bool value);

    private sealed record Guard(Condition Condition, RedisKey Key, ConditionResult Result);

    private sealed record Started(ITransaction Transaction, List<(ConditionResult Told, ConditionResult Result)> Conditions);
}
