using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Values that are made where the cache has none.</summary>
public sealed partial class VersionedCache
{
    /// <summary>
    /// Reads a value, and makes and stores it where there is none. A key is loaded once at a time in this process, however many callers ask for it as the same type; they get the
    /// same object.
    /// </summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="factory">
    /// Makes the value. Its token is cancelled when no caller waits any more before it is made. An error of it goes to all that wait, and nothing is stored. It must not ask for
    /// its own key, which is an error, nor for one whose factory, started elsewhere, asks for this key: the two would wait for each other.
    /// </param>
    /// <param name="expiry">How long it may live (default: <see cref="VersionedCacheOptions.Expiry"/>).</param>
    /// <param name="cancellationToken">Ends this caller's waiting; the load goes on for the others.</param>
    /// <returns>The value: what is in the cache, or what was made.</returns>
    /// <remarks>
    /// What was made is stored under the view of the miss, and only where a read would still miss: a value that was written since the load began is kept and returned in its place.
    /// Where its shard is away by then, it is returned without being stored, and counted. See <see cref="RemoveAsync(RedisKey, CancellationToken)"/> for what a removal means to it.
    /// </remarks>
    /// <exception cref="ArgumentNullException">The value is null and a text or bytes.</exception>
    /// <exception cref="RingKeeperException">The value is too large, the expiry cannot be kept, what is there was written by no cache, or no shard serves the key, and <see cref="VersionedCacheOptions.WhenShardAway"/> is <see cref="ShardAwayPolicy.Fail"/>.</exception>
    /// <exception cref="RedisException">The shard cannot be reached when the load begins, and the policy is the same; or it answers with an error.</exception>
    public async ValueTask<T> GetOrCreateAsync<T>(RedisKey key, Func<CancellationToken, ValueTask<T>> factory, CacheExpiry? expiry = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        var life = LifeOf(expiry);
        var found = await GetAsync<T>(key, cancellationToken).ConfigureAwait(false);
        if (found.IsHit)
        {
            return found.Value!;
        }

        var placed = _format.KeyOf(key);
        return await _flights.JoinAsync<T>(placed, flight => LoadAsync(flight, placed, factory, life), cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> LoadAsync<T>(Flight<T> flight, RedisKey placed, Func<CancellationToken, ValueTask<T>> factory, CacheExpiry expiry)
    {
        // Once more, since an earlier flight may have landed after the read that missed. And the route of this miss, not a newer one, is that to write through: between the two
        // another shard may have served the key and been given a newer value.
        var (route, copy) = await ReadForLoadAsync(placed, flight.Abandoned).ConfigureAwait(false);
        if (copy.State == CopyState.Valid)
        {
            return _codec.Decode<T>(copy.Payload);
        }

        var (value, payload) = await MakeAsync(factory, flight.Abandoned).ConfigureAwait(false);
        var outcome = route is { } through && _flights.TryBeginStore(flight) ? await StoreAsync(through, placed, payload, expiry).ConfigureAwait(false) : WriteOutcome.StaleView;
        _meter.Loaded(outcome);
        return outcome switch
        {
            WriteOutcome.Changed => await ReadNewerAsync(placed, value).ConfigureAwait(false),
            WriteOutcome.Foreign => throw CopyErrors.Foreign(route!.Value.Shard),
            _ => value,
        };
    }

    // No route: the shard is away, which is a miss.
    private async Task<(ShardRoute? Route, Copy Copy)> ReadForLoadAsync(RedisKey placed, CancellationToken cancellationToken)
    {
        try
        {
            var route = await _connector.ConnectAsync(placed, _options.RoutePolicy, cancellationToken).ConfigureAwait(false);
            var copy = await _format.ReadAsync(route, placed).ConfigureAwait(false);
            return (route, copy.State != CopyState.Valid && _own is { } own && WarmReturn.IsOn(route) ? await FillAsync(own, route, placed, copy).ConfigureAwait(false) : copy);
        }
        catch (Exception e) when (IsMiss(e))
        {
            return default;
        }
    }

    private async Task<(T Value, ReadOnlyMemory<byte> Payload)> MakeAsync<T>(Func<CancellationToken, ValueTask<T>> factory, CancellationToken cancellationToken)
    {
        try
        {
            var value = await factory(cancellationToken).ConfigureAwait(false);
            return (value, _codec.Encode(value));
        }
        catch
        {
            _meter.LoadFailed();
            throw;
        }
    }

    private async Task<WriteOutcome> StoreAsync(ShardRoute route, RedisKey placed, ReadOnlyMemory<byte> payload, CacheExpiry expiry)
    {
        try
        {
            return (await _format.CheckAndWriteAsync(route, placed, payload, expiry, CacheToken.None).ConfigureAwait(false)).Outcome;
        }
        catch (Exception e) when (e is ObjectDisposedException || ShardAwayRules.IsAway(e))
        {
            // Away, or removed from the cluster since the miss. The value is as good as it was.
            CacheLog.LoadNotStored(_options.Logger, e);
            return WriteOutcome.StaleView;
        }
    }

    private async Task<T> ReadNewerAsync<T>(RedisKey placed, T loaded)
    {
        try
        {
            var route = await _connector.ConnectAsync(placed, _options.RoutePolicy, CancellationToken.None).ConfigureAwait(false);
            var copy = await _format.ReadAsync(route, placed).ConfigureAwait(false);
            return copy.State == CopyState.Valid ? _codec.Decode<T>(copy.Payload) : loaded;
        }
        catch (Exception e) when (e is ObjectDisposedException || ShardAwayRules.IsAway(e))
        {
            return loaded;
        }
    }
}
