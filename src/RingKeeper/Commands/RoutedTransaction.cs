using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>A transaction on the shard of its first key: routed when it is executed, all keys in one view.</summary>
internal sealed class RoutedTransaction(IShardRoutes routes, RoutePolicy policy, RoutedFace face, object? asyncState) : QueuedDatabase(routes, policy, face, asyncState), ITransaction
{
    private const string Name = "the transaction";

    private readonly Lock _adding = new();
    private readonly List<RedisKey> _keys = [];
    private readonly List<(Condition Condition, ConditionResult Result)> _conditions = [];

    /// <summary>Whether the last execution ended because a key had changed meanwhile.</summary>
    public bool WasWatchConflict { get; private set; }

    public ConditionResult AddCondition(Condition condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        Admit(CommandKeys.Of(Name, [KeyOf(condition)]));
        var result = ResultOf(condition);
        lock (_adding)
        {
            _conditions.Add((condition, result));
        }

        return result;
    }

    public void Execute() => Execute(CommandFlags.None);

    public bool Execute(CommandFlags flags = CommandFlags.None)
    {
        var commands = Take();
        if (IsEmpty(commands))
        {
            return true;
        }

        try
        {
            var (keys, policy) = (AllKeys(), PolicyOf(commands));
            return CommandTelemetry.IsOn
                ? CommandTelemetry.Tell("MULTI", () => Routes.Serving(keys, policy), shard => Run(shard, commands, flags), Math.Max(1, commands.Count))
                : Run(Routes.Serving(keys, policy).Database, commands, flags);
        }
        catch (Exception exception)
        {
            Fail(commands, exception);
            throw;
        }
    }

    public async Task<bool> ExecuteAsync(CommandFlags flags = CommandFlags.None)
    {
        var commands = Take();
        if (IsEmpty(commands))
        {
            return true;
        }

        try
        {
            var routing = Routes.ConnectAsync(AllKeys(), PolicyOf(commands));
            return CommandTelemetry.IsOn
                ? await CommandTelemetry.TellAsync("MULTI", routing, shard => RunAsync(shard, commands, flags), Math.Max(1, commands.Count)).ConfigureAwait(false)
                : await RunAsync((await routing.ConfigureAwait(false)).Database, commands, flags).ConfigureAwait(false);
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
            for (var i = 0; i < keys.Count; i++)
            {
                if (_keys.Count > 0 && Routes.TryServing(_keys[0], Policy) is { } bound && Routes.TryServing(keys[i], Policy) is { } other && bound != other)
                {
                    Routes.Serving(CommandKeys.Of(Name, _keys[0], keys[i]), Policy);
                }

                _keys.Add(keys[i]);
            }
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

    private bool IsEmpty(List<QueuedCommand> commands)
    {
        lock (_adding)
        {
            return commands.Count == 0 && _conditions.Count == 0;
        }
    }

    private CommandKeys AllKeys()
    {
        lock (_adding)
        {
            return CommandKeys.Of(Name, [.. _keys]);
        }
    }

    // A lock among its commands keeps all of it at the owner.
    private RoutePolicy PolicyOf(List<QueuedCommand> commands) => commands.Exists(static command => command.Policy == RoutePolicy.OwnerOnly) ? RoutePolicy.OwnerOnly : Policy;

    private bool Run(IDatabase shard, List<QueuedCommand> commands, CommandFlags flags)
    {
        var started = Start(shard, commands);
        return End(started, commands, started.Transaction.Execute(flags));
    }

    private async Task<bool> RunAsync(IDatabase shard, List<QueuedCommand> commands, CommandFlags flags)
    {
        var started = Start(shard, commands);
        return End(started, commands, await started.Transaction.ExecuteAsync(flags).ConfigureAwait(false));
    }

    private Started Start(IDatabase shard, List<QueuedCommand> commands)
    {
        var transaction = shard.CreateTransaction(AsyncState);
        List<(ConditionResult Told, ConditionResult Result)> conditions = [];
        lock (_adding)
        {
            foreach (var (condition, result) in _conditions)
            {
                conditions.Add((result, transaction.AddCondition(condition)));
            }

            _conditions.Clear();
            _keys.Clear();
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

    private sealed record Started(ITransaction Transaction, List<(ConditionResult Told, ConditionResult Result)> Conditions);
}
