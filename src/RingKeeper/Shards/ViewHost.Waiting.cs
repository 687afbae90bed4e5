using StackExchange.Redis;

namespace RingKeeper;

/// <summary>What a lookup waits for: a first view, a shard's status, or its connection.</summary>
internal sealed partial class ViewHost
{
    private async ValueTask<ShardRoute> WaitAsync(ViewState state, RouteDecision decision, RedisKey key, RoutePolicy policy, CancellationToken ct)
    {
        var start = _options.TimeProvider.GetTimestamp();
        while (true)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, typeof(ViewHost));
            if (state.View is null && _whyNoView() is { } why)
            {
                throw why;
            }

            if (state.IsRefused)
            {
                throw _errors.TooOld();
            }

            if (decision.Outcome == RouteOutcome.NoShardAvailable)
            {
                throw _errors.NoShardAvailable(state.View!, decision.ShardIndex, policy);
            }

            var left = _options.ReadyTimeout - _options.TimeProvider.GetElapsedTime(start);
            if (decision.Outcome == RouteOutcome.Served)
            {
                var connection = state.Connections[decision.ShardIndex];
                if (connection.Database is { } database)
                {
                    return state.RouteOf(database, decision);
                }

                await WaitForConnectionAsync(connection, state.View!.Ring.Shards[decision.ShardIndex], left, ct).ConfigureAwait(false);
            }
            else if (state.WaitedInVain || left <= TimeSpan.Zero)
            {
                throw _errors.NotReady(state.View, decision.ShardIndex);
            }
            else if (!await IsReplacedAsync(state, left, ct).ConfigureAwait(false))
            {
                // Only a view that was waited on for what was left of the time is marked, not one that came a moment ago.
                state.MarkWaitedInVain();
                throw _errors.NotReady(state.View, decision.ShardIndex);
            }

            state = _state;
            decision = KeyRouting.Decide(state, key, policy);
        }
    }

    private async Task<bool> IsReplacedAsync(ViewState state, TimeSpan timeout, CancellationToken ct)
    {
        try
        {
            await state.Replaced.WaitAsync(timeout, _options.TimeProvider, ct).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task WaitForConnectionAsync(ShardConnection connection, Shard shard, TimeSpan left, CancellationToken ct)
    {
        try
        {
            await connection.Opening.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _options.TimeProvider, ct).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            throw new RingKeeperException($"The connection to shard '{shard.Name}' ({shard.Addr}){_errors.OfCluster()} is not open: {exception.Message} Check its address and ConfigureRedis.", exception);
        }
    }
}
