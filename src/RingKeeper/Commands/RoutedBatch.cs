using StackExchange.Redis;

namespace RingKeeper;

/// <summary>A batch over all shards: routed when it is executed, and sent to all of them side by side.</summary>
internal sealed class RoutedBatch(IShardRoutes routes, RoutePolicy policy, RoutedFace face, object? asyncState) : QueuedDatabase(routes, policy, face, asyncState), IBatch
{
    public void Execute()
    {
        var commands = Take();
        if (!CommandTelemetry.IsOn || commands.Count == 0)
        {
            Send(commands);
            return;
        }

        var told = CommandTelemetry.TellSplitAsync("PIPELINE", commands.Count, () =>
        {
            Send(commands);
            return Task.WhenAll(commands.Select(static command => command.Ended));
        });

        // The tasks of the commands tell their callers.
        _ = told.ContinueWith(static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Send(List<QueuedCommand> queued)
    {
        var batches = new Dictionary<IDatabase, (IBatch Batch, List<QueuedCommand> Commands)>(ReferenceEqualityComparer.Instance);
        foreach (var command in queued)
        {
            var routing = RouteAsync(command);
            if (routing.IsCompletedSuccessfully)
            {
                command.Start(route => BatchOf(route, command), routing.Result);
            }
            else
            {
                _ = FollowAsync(command, routing);
            }
        }

        foreach (var (batch, commands) in batches.Values)
        {
            try
            {
                batch.Execute();
            }
            catch (Exception exception)
            {
                // The library sent none of them and forgets their tasks. What goes to other shards is not to suffer for it.
                commands.ForEach(command => command.Fail(exception));
            }
        }

        IDatabaseAsync BatchOf(ShardRoute route, QueuedCommand command)
        {
            if (!batches.TryGetValue(route.Database, out var one))
            {
                one = (route.Database.CreateBatch(AsyncState), []);
                batches.Add(route.Database, one);
            }

            one.Commands.Add(command);
            return one.Batch;
        }
    }

    protected override void Admit(in CommandKeys keys) => keys.RequireAll();

    private ValueTask<KeyParts> RouteAsync(QueuedCommand command)
    {
        if (command.MaySplit)
        {
            return Routes.PartitionAsync(command.Keys, command.Policy);
        }

        var routing = Routes.ConnectAsync(command.Keys, command.Policy);
        return routing.IsCompletedSuccessfully ? new ValueTask<KeyParts>(KeyParts.Whole(routing.Result, command.Keys)) : WholeAsync(routing, command.Keys);
    }

    private static async ValueTask<KeyParts> WholeAsync(ValueTask<ShardRoute> routing, CommandKeys keys) => KeyParts.Whole(await routing.ConfigureAwait(false), keys);

    // Its shard was not ready when the batch was sent; it goes alone when it is.
    private static async Task FollowAsync(QueuedCommand command, ValueTask<KeyParts> routing)
    {
        try
        {
            command.Start(static route => route.Database, await routing.ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            command.Fail(exception);
        }
    }
}
