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
        // By connection: databases with a state for their tasks are made anew by each route.
        var batches = new Dictionary<IConnectionMultiplexer, (IBatch Batch, List<QueuedCommand> Commands)>(ReferenceEqualityComparer.Instance);
        var late = new List<(QueuedCommand Command, Task<KeyParts> Routing)>();
        foreach (var command in queued)
        {
            try
            {
                var routing = RouteAsync(command);
                if (routing.IsCompletedSuccessfully)
                {
                    command.Start(route => BatchOf(route, command), routing.Result);
                }
                else
                {
                    late.Add((command, routing.AsTask()));
                }
            }
            catch (Exception exception)
            {
                // A key that was taken out of its list meanwhile, or a connector that is disposed: of no concern to the other commands.
                command.Fail(exception);
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

        _ = FollowAsync(late);

        IDatabaseAsync BatchOf(ShardRoute route, QueuedCommand command)
        {
            var connection = route.Database.Multiplexer;
            if (!batches.TryGetValue(connection, out var one))
            {
                one = (route.Database.CreateBatch(AsyncState), []);
                batches.Add(connection, one);
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

    // Their shards were not ready when the batch was sent; they go one by one when they are, and in their order, which those of one key rely on.
    private async Task FollowAsync(List<(QueuedCommand Command, Task<KeyParts> Routing)> late)
    {
        foreach (var (command, routing) in late)
        {
            try
            {
                await routing.ConfigureAwait(false);

                // Routed again: while those before it waited, its key may have moved.
                command.Start(static route => route.Database, await RouteAsync(command).ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                command.Fail(exception);
            }
        }
    }
}
