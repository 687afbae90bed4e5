using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Many keys at once: all shards side by side, each in a pipeline.</summary>
public sealed partial class VersionedCache
{
    // Large enough to make the way there and back count for nothing, small enough to keep one reply from standing in everybody's way.
    private const int KeysOfARead = 256;

    /// <summary>Reads many values, of all shards side by side.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="keys">The keys; one may stand there twice.</param>
    /// <param name="cancellationToken">Cancels waiting for shards.</param>
    /// <returns>What was found, in the order of the keys.</returns>
    /// <remarks>What is no string on a shard, such as a value of the other format, is like a key that is not there: only single reads count it as foreign.</remarks>
    /// <exception cref="SomeKeysFailedException">
    /// Shards are away, and <see cref="VersionedCacheOptions.WhenShardAway"/> is <see cref="ShardAwayPolicy.Fail"/>; or copies are no such values. It names keys and shards.
    /// </exception>
    public async Task<CacheResult<T>[]> GetManyAsync<T>(IReadOnlyList<RedisKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var results = new CacheResult<T>[keys.Count];
        var failures = new KeyFailures(keys.Count);
        var placed = new RedisKey[keys.Count];
        var routes = new ShardRoute[keys.Count];
        for (var i = 0; i < placed.Length; i++)
        {
            placed[i] = _format.KeyOf(keys[i]);
            try
            {
                routes[i] = await _connector.ConnectAsync(placed[i], _options.RoutePolicy, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (IsMiss(e))
            {
                _meter.Away();
            }
            catch (RingKeeperException e)
            {
                failures.Add(i, e, null);
            }
        }

        // A view that is swapped in between makes two groups of one shard, each judged by its own.
        var origins = Array.ConvertAll(routes, static route => ((IDatabase?)route.Database, route.Origin));
        await Task.WhenAll(KeyGroups.Split<(IDatabase?, RouteOrigin?)>(origins, KeysOfARead).Select(ReadAsync)).ConfigureAwait(false);
        failures.ThrowIfAny(i => keys[i], "read");
        return results;

        async Task ReadAsync(int[] places)
        {
            var theirs = Array.ConvertAll(places, place => routes[place]);
            try
            {
                var copies = await _format.ReadManyAsync(theirs, Array.ConvertAll(places, place => placed[place])).ConfigureAwait(false);
                if (_own is { } own && WarmReturn.IsOn(theirs[0]))
                {
                    copies = await Task.WhenAll(copies.Select((copy, i) =>
                        copy.State == CopyState.Valid ? Task.FromResult(copy) : FillAsync(own, theirs[i], placed[places[i]], copy))).ConfigureAwait(false);
                }

                for (var i = 0; i < places.Length; i++)
                {
                    TakeOne(places[i], theirs[i].Shard, copies[i]);
                }
            }
            catch (Exception e) when (IsMiss(e))
            {
                Array.ForEach(places, _ => _meter.Away());
            }
            catch (Exception e) when (e is RedisException or TimeoutException or RingKeeperException or ObjectDisposedException)
            {
                Array.ForEach(places, place => failures.Add(place, e, routes[place].Shard));
            }
        }

        void TakeOne(int place, Shard shard, in Copy copy)
        {
            try
            {
                results[place] = Take<T>(shard, copy);
            }
            catch (RingKeeperException e)
            {
                failures.Add(place, e, shard);
            }
        }
    }

    /// <summary>Writes many values, to all shards side by side. No order holds between them; where a key stands there twice, either value may remain.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="values">The keys and their values.</param>
    /// <param name="expiry">How long they may live (default: <see cref="VersionedCacheOptions.Expiry"/>).</param>
    /// <param name="cancellationToken">Cancels waiting for shards and for a newer view; what was sent may still be applied.</param>
    /// <returns>The tokens of the copies, in the order of the keys.</returns>
    /// <exception cref="ArgumentNullException">A value is null and a text or bytes; nothing was sent.</exception>
    /// <exception cref="RingKeeperException">A value is too large, or the expiry cannot be kept; nothing was sent.</exception>
    /// <exception cref="SomeKeysFailedException">Some values were not written, or may not have been. It names keys and shards.</exception>
    public async Task<CacheToken[]> SetManyAsync<T>(IReadOnlyList<KeyValuePair<RedisKey, T>> values, CacheExpiry? expiry = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        var life = LifeOf(expiry);
        var payloads = new ReadOnlyMemory<byte>[values.Count];
        for (var i = 0; i < payloads.Length; i++)
        {
            payloads[i] = _codec.Encode(values[i].Value);
        }

        return await EachAsync(
            payloads.Length,
            i => values[i].Key,
            "written",
            async (i, reached) => (await WriteAsync(values[i].Key, payloads[i], life, null, reached, cancellationToken).ConfigureAwait(false)).Token).ConfigureAwait(false);
    }

    /// <summary>Removes many values, from all shards side by side.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="cancellationToken">Cancels waiting for shards; what was sent may still be applied.</param>
    /// <returns>Of how many there was a copy that a read would have found.</returns>
    /// <exception cref="SomeKeysFailedException">Some were not removed, or may not have been. It names keys and shards.</exception>
    public async Task<int> RemoveManyAsync(IReadOnlyList<RedisKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var removed = await EachAsync(keys.Count, i => keys[i], "removed", (i, reached) => RemoveAsync(keys[i], reached, cancellationToken)).ConfigureAwait(false);
        return removed.Count(static was => was);
    }

    // All are sent before the first answer is waited for: what shards share is a pipeline each.
    private static async Task<TResult[]> EachAsync<TResult>(int count, Func<int, RedisKey> keyAt, string done, Func<int, StrongBox<Shard?>, ValueTask<TResult>> run)
    {
        var failures = new KeyFailures(count);
        var results = await Task.WhenAll(Enumerable.Range(0, count).Select(RunAsync)).ConfigureAwait(false);
        failures.ThrowIfAny(keyAt, done);
        return results;

        async Task<TResult> RunAsync(int place)
        {
            var reached = new StrongBox<Shard?>();
            try
            {
                return await run(place, reached).ConfigureAwait(false);
            }
            catch (Exception e) when (e is RedisException or TimeoutException or RingKeeperException or ObjectDisposedException)
            {
                failures.Add(place, e, reached.Value);
                return default!;
            }
        }
    }
}
