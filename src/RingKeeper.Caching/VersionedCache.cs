using System.Buffers;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// A cache on the ring that never gives an old copy for a fresh one: each copy knows the epoch it was written under, and counts for nothing once a shard on its
/// key's walk died, returned or restarted, or a topology change moved the key. What is promised, and what is not, stands in docs/guarantees.md. Safe for
/// concurrent use; nothing to dispose.
/// </summary>
/// <remarks>
/// Values of <c>byte[]</c>, <c>ReadOnlyMemory&lt;byte&gt;</c> and <c>string</c> are stored as they are, and null is refused; all others go through
/// <see cref="VersionedCacheOptions.Serializer"/>, which by default stores null as JSON does; with <see cref="CacheFormat.GoreLib"/>, whose texts are JSON, texts too. A token of cancellation ends waiting for a shard or a newer view;
/// what was sent is not called back, and may be applied.
/// </remarks>
public sealed partial class VersionedCache
{
    private readonly IConnector _connector;
    private readonly VersionedCacheOptions _options;
    private readonly ICopyFormat _format;
    private readonly OwnFormat? _own;
    private readonly PayloadCodec _codec;
    private readonly CacheMeter _meter;
    private readonly NewerView _newerView;
    private readonly Flights _flights = new();
    private int _foreignTold;

    /// <summary>Creates a cache.</summary>
    /// <param name="connector">Finds the shards; stays the caller's.</param>
    /// <param name="options">The options (default: all defaults).</param>
    /// <exception cref="RingKeeperException">An option cannot be used.</exception>
    public VersionedCache(IConnector connector, VersionedCacheOptions? options = null)
        : this(connector, options ?? new VersionedCacheOptions(), new Nonces(BitConverter.ToInt64(Guid.NewGuid().ToByteArray())))
    {
    }

    internal VersionedCache(IConnector connector, VersionedCacheOptions options, Nonces nonces)
    {
        ArgumentNullException.ThrowIfNull(connector);
        options.Validate();
        _connector = connector;
        _options = options;
        _format = CopyFormats.Create(options, nonces);
        _own = _format as OwnFormat;
        _codec = new PayloadCodec(options.Serializer, options.MaxValueBytes, _format.SerializesTexts);
        _meter = new CacheMeter((connector as ZKCluster)?.Name);
        _newerView = new NewerView(connector, options.NewerViewTimeout);
    }

    /// <summary>Gets what the cache has done so far.</summary>
    public CacheCounters Counters => _meter.Counters;

    /// <summary>Reads a value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Cancels waiting for the shard.</param>
    /// <returns>The value and its token, or a miss.</returns>
    /// <exception cref="RingKeeperException">No shard serves the key, and <see cref="VersionedCacheOptions.WhenShardAway"/> is <see cref="ShardAwayPolicy.Fail"/>; or the copy is no such value.</exception>
    /// <exception cref="RedisException">The shard cannot be reached, and the policy is the same; or it answers with an error.</exception>
    public ValueTask<CacheResult<T>> GetAsync<T>(RedisKey key, CancellationToken cancellationToken = default)
    {
        var placed = _format.KeyOf(key);
        var routing = _connector.ConnectAsync(placed, _options.RoutePolicy, cancellationToken);
        if (_own is null || !routing.IsCompletedSuccessfully)
        {
            return FindAndReadAsync<T>(placed, routing);
        }

        var route = routing.Result;
        return ReadAsync<T>(_own, route, placed, route.Origin?.Run, route.Database.StringGetAsync(placed));
    }

    /// <summary>Writes a value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="expiry">How long it may live (default: <see cref="VersionedCacheOptions.Expiry"/>).</param>
    /// <param name="cancellationToken">Cancels waiting for the shard and for a newer view; what was sent may still be applied.</param>
    /// <returns>The token of the copy.</returns>
    /// <exception cref="ArgumentNullException">The value is null and a text or bytes.</exception>
    /// <exception cref="StaleViewException">A client with a newer view has written meanwhile; this one's was waited for in vain.</exception>
    /// <exception cref="RingKeeperException">The value is too large, the expiry cannot be kept, no shard serves the key, or what is there was written by no cache.</exception>
    /// <exception cref="RedisException">The shard cannot be reached, or answers with an error.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CacheToken> SetAsync<T>(RedisKey key, T value, CacheExpiry? expiry = null, CancellationToken cancellationToken = default)
    {
        var life = LifeOf(expiry);
        var payload = _codec.Encode(value);
        if (_own is not { } own)
        {
            return (await WriteAsync(key, payload, life, null, null, cancellationToken).ConfigureAwait(false)).Token;
        }

        // As WriteAsync does, without the state machines below it; what does not succeed at once goes that way, from its beginning.
        var placed = own.KeyOf(key);
        _ = _flights.Overtake(placed);
        var route = await _connector.ConnectAsync(placed, _options.RoutePolicy, cancellationToken).ConfigureAwait(false);
        if (!WarmReturn.IsOn(route))
        {
            var arguments = own.SetArguments(route, new ReadOnlySequence<byte>(payload), life, out var header);
            try
            {
                var result = OwnFormat.ResultOf(route, header, await OwnFormat.SetScript.CallAsync(route.Database, [placed], arguments).ConfigureAwait(false));
                if (result.Outcome == WriteOutcome.Done)
                {
                    return result.Token;
                }
            }
            catch (RedisServerException e) when (CopyScript.IsUnknown(e))
            {
                // The long way gives the server the text.
            }
        }

        return (await WriteAsync(key, payload, life, null, null, cancellationToken).ConfigureAwait(false)).Token;
    }

    /// <summary>
    /// Writes a value if the copy there is the one that a read found. With the format of the Go package that package's rule holds: see <see cref="CacheFormat.GoreLib"/>.
    /// </summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="token">
    /// The token of the read, or of a write; <see cref="CacheToken.None"/> demands that a read would miss. While reads are misses because the view is too old to be trusted, a token is
    /// of no use, and a copy that would be valid in that view still stands in the way of none.
    /// </param>
    /// <param name="expiry">How long it may live (default: <see cref="VersionedCacheOptions.Expiry"/>).</param>
    /// <param name="cancellationToken">Cancels waiting for the shard and for a newer view; what was sent may still be applied.</param>
    /// <returns>Whether it was written, and the token of the copy. If not, the copy is another one by now: read again.</returns>
    /// <exception cref="ArgumentNullException">The value is null and a text or bytes.</exception>
    /// <exception cref="StaleViewException">A client with a newer view has written meanwhile; this one's was waited for in vain.</exception>
    /// <exception cref="RingKeeperException">The value is too large, the expiry cannot be kept, no shard serves the key, or what is there was written by no cache.</exception>
    /// <exception cref="RedisException">The shard cannot be reached, or answers with an error.</exception>
    public async ValueTask<CheckAndSetResult> CheckAndSetAsync<T>(RedisKey key, T value, CacheToken token, CacheExpiry? expiry = null, CancellationToken cancellationToken = default)
    {
        var life = LifeOf(expiry);
        var result = await WriteAsync(key, _codec.Encode(value), life, token, null, cancellationToken).ConfigureAwait(false);
        return result.Outcome == WriteOutcome.Done ? new CheckAndSetResult(true, result.Token) : default;
    }

    /// <summary>Removes a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Cancels waiting for the shard; what was sent may still be applied.</param>
    /// <returns>Whether there was a copy that a read would have found.</returns>
    /// <remarks>
    /// A load of another process that began before the removal may store its value after it. Where the value is known, set it in place of removing it: no load that began
    /// earlier takes the place of what was set.
    /// </remarks>
    /// <exception cref="RingKeeperException">No shard serves the key, or what is there was written by no cache.</exception>
    /// <exception cref="RedisException">The shard cannot be reached, or answers with an error.</exception>
    public ValueTask<bool> RemoveAsync(RedisKey key, CancellationToken cancellationToken = default) => RemoveAsync(key, null, cancellationToken);

    // As OwnFormat.ReadAsync does, without a second state machine on the hottest path, and with as little to keep as can be. The run is that from before the read was sent.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CacheResult<T>> ReadAsync<T>(OwnFormat own, ShardRoute route, RedisKey placed, ShardRun? before, Task<RedisValue> reading)
    {
        try
        {
            var copy = own.Judge(route, placed, before, await reading.ConfigureAwait(false));
            if (copy.State != CopyState.Valid && WarmReturn.IsOn(route))
            {
                copy = await FillAsync(own, route, placed, copy).ConfigureAwait(false);
            }

            return Take<T>(route.Shard, copy);
        }
        catch (RedisServerException e) when (OwnFormat.IsForeign(e))
        {
            return Take<T>(route.Shard, new Copy(CopyState.Foreign));
        }
        catch (Exception e) when (IsMiss(e))
        {
            _meter.Away();
            return default;
        }
    }

    private async ValueTask<CacheResult<T>> FindAndReadAsync<T>(RedisKey placed, ValueTask<ShardRoute> routing)
    {
        try
        {
            var route = await routing.ConfigureAwait(false);
            if (_own is not { } own)
            {
                return Take<T>(route.Shard, await _format.ReadAsync(route, placed).ConfigureAwait(false));
            }

            return await ReadAsync<T>(own, route, placed, route.Origin?.Run, route.Database.StringGetAsync(placed)).ConfigureAwait(false);
        }
        catch (Exception e) when (IsMiss(e))
        {
            _meter.Away();
            return default;
        }
    }

    private async ValueTask<bool> RemoveAsync(RedisKey key, StrongBox<Shard?>? reached, CancellationToken cancellationToken)
    {
        var placed = _format.KeyOf(key);

        // A load's store that is on its way must not arrive after the removal.
        await _flights.Overtake(placed).WaitAsync(cancellationToken).ConfigureAwait(false);
        var deadline = 0L;
        while (true)
        {
            var next = _newerView.Next;
            var route = await _connector.ConnectAsync(placed, _options.RoutePolicy, cancellationToken).ConfigureAwait(false);
            Note(reached, route);
            try
            {
                return await _format.RemoveAsync(route, placed).ConfigureAwait(false);
            }
            catch (StaleViewException)
            {
                if (await _newerView.WaitAsync(next, deadline, cancellationToken).ConfigureAwait(false) is not { } end)
                {
                    throw;
                }

                deadline = end;
            }
        }
    }

    // Done or changed; all else is thrown.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<WriteResult> WriteAsync(
        RedisKey key, ReadOnlyMemory<byte> payload, CacheExpiry expiry, CacheToken? token, StrongBox<Shard?>? reached, CancellationToken cancellationToken)
    {
        var placed = _format.KeyOf(key);

        // A load's store gives way to what is there, so nobody has to wait for it.
        _ = _flights.Overtake(placed);
        var deadline = 0L;
        while (true)
        {
            var next = _newerView.Next;
            var route = await _connector.ConnectAsync(placed, _options.RoutePolicy, cancellationToken).ConfigureAwait(false);
            Note(reached, route);
            var result = token is { } demanded
                ? await _format.CheckAndWriteAsync(route, placed, payload, expiry, demanded).ConfigureAwait(false)
                : await _format.WriteAsync(route, placed, payload, expiry).ConfigureAwait(false);
            if (result.Outcome is WriteOutcome.Done or WriteOutcome.Changed)
            {
                return result;
            }

            if (result.Outcome != WriteOutcome.StaleView || await _newerView.WaitAsync(next, deadline, cancellationToken).ConfigureAwait(false) is not { } end)
            {
                throw CopyErrors.Of(result.Outcome, route.Shard);
            }

            deadline = end;
        }
    }

    private static void Note(StrongBox<Shard?>? reached, in ShardRoute route)
    {
        if (reached is not null)
        {
            reached.Value = route.Shard;
        }
    }

    private CacheResult<T> Take<T>(Shard shard, in Copy copy)
    {
        if (copy.State == CopyState.Valid)
        {
            var value = _codec.Decode<T>(copy.Payload);
            _meter.Read(CopyState.Valid);
            return new CacheResult<T>(value, copy.Token);
        }

        _meter.Read(copy.State);
        if (copy.State == CopyState.Foreign && Interlocked.Exchange(ref _foreignTold, 1) == 0)
        {
            CacheLog.ForeignCopy(_options.Logger, shard.Addr);
        }

        return default;
    }

    // Where there is nothing to fill it with, or either shard is away or refuses its part, a miss stays what it was: a read needs no more than its own shard's GET.
    private async Task<Copy> FillAsync(OwnFormat own, ShardRoute route, RedisKey placed, Copy miss)
    {
        try
        {
            var filled = await own.Warm.TryFillAsync(route, placed).ConfigureAwait(false);
            if (filled.State == CopyState.Valid)
            {
                _meter.Filled();
                return filled;
            }
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException or RingKeeperException)
        {
            CacheLog.NotFilled(_options.Logger, route.Shard.Addr, e);
        }

        return miss;
    }

    private bool IsMiss(Exception error) => _options.WhenShardAway == ShardAwayPolicy.Miss && ShardAwayRules.IsAway(error);

    private CacheExpiry LifeOf(CacheExpiry? expiry)
    {
        if (expiry is not { } given)
        {
            return _options.Expiry;
        }

        given.Validate();
        return given;
    }
}
