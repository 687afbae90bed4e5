using System.Runtime.ExceptionServices;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Runs one operation of <see cref="ConnectorOperations"/>: routes, runs, and waits for what may make the next attempt succeed.</summary>
internal sealed class OperationLoop<T>(
    IConnector connector, RedisKey key, Func<ShardRoute, Task<T>> operation, CommandFlags category, RoutePolicy policy, TimeSpan deadline)
{
    // A connector of the caller's own tells nothing: there the pauses alone drive the attempts.
    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly IRouteSource? _source = connector as IRouteSource;
    private readonly TimeProvider _time = (connector as IRouteSource)?.Time ?? TimeProvider.System;
    private readonly OperationAttempts _attempts = new();

    public async Task<T> RunAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var limit = new CancellationTokenSource(deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var restored = new RestoredConnections();
        var start = _time.GetTimestamp();
        while (true)
        {
            // Asked for before the route, so that no change falls in between.
            var changed = _source?.RoutesChanged ?? Never;
            ShardRoute? route = null;
            try
            {
                var found = await connector.ConnectAsync(key, policy, either.Token).ConfigureAwait(false);
                route = found;
                return await EndOf(Begin(found), either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (either.IsCancellationRequested)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ExceptionDispatchInfo.Throw(TooLate(route, start));
            }
            catch (Exception error)
            {
                _attempts.Add(route?.Shard, error);
                if (!ShardRetryPolicy.MayRetry(error, route is not null, changed.IsCompleted, category))
                {
                    _attempts.Describe(error, _time.GetElapsedTime(start));
                    throw;
                }
            }

            restored.Watch(route?.Database.Multiplexer);
            await PauseAsync(changed, restored.Next, either.Token).ConfigureAwait(false);
            if (either.IsCancellationRequested)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ExceptionDispatchInfo.Throw(TooLate(null, start));
            }
        }
    }

    private async Task PauseAsync(Task changed, CancellationToken restored, CancellationToken stop)
    {
        using var wake = CancellationTokenSource.CreateLinkedTokenSource(restored, stop);
        try
        {
            await changed.WaitAsync(ShardRetryPolicy.PauseAfter(_attempts.Count), _time, wake.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // Whatever ended the pause, the next attempt shows what it is worth.
        }
    }

    private Task<T> Begin(ShardRoute route) => operation(route) ?? throw new InvalidOperationException("The operation returned null in place of a task. Return the task of its command.");

    // Ends with the deadline, though the operation goes on.
    private static async Task<T> EndOf(Task<T> running, CancellationToken stop)
    {
        try
        {
            return await running.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!running.IsCompleted)
        {
            // Its error, if one comes, is nobody's any more.
            _ = running.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    private Exception TooLate(ShardRoute? running, long start)
    {
        // Not the error of an attempt before: that one may say that nothing was applied.
        var error = running is { } route
            ? new RingKeeperException($"Shard '{route.Shard.Name}' ({route.Shard.Addr}) did not answer within the deadline of {deadline}; the operation may or may not have been applied. Allow more time, or look at the shard.", _attempts.Last)
            : _attempts.Last ?? new RingKeeperException($"No route to the key's shard was found within the deadline of {deadline}; nothing was sent. Allow more time, or look at the state of the cluster.");
        if (running is not null)
        {
            _attempts.Add(running.Value.Shard, null);
        }

        _attempts.Describe(error, _time.GetElapsedTime(start));
        return error;
    }
}
