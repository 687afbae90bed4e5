using System.Buffers;
using System.Text;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// A cache on the ring that never gives an old copy for a fresh one: each copy knows the epoch it was written under, and counts for nothing once a shard on its
/// key's walk died, returned or restarted, or a topology change moved the key. What is promised, and what is not, stands in docs/guarantees.md. Safe for
/// concurrent use; nothing to dispose.
/// </summary>
public sealed class VersionedCache
{
    private readonly IConnector _connector;
    private readonly VersionedCacheOptions _options;
    private readonly ICopyFormat _format;

    /// <summary>Creates a cache.</summary>
    /// <param name="connector">Finds the shards; stays the caller's.</param>
    /// <param name="options">The options (default: all defaults).</param>
    public VersionedCache(IConnector connector, VersionedCacheOptions? options = null)
        : this(connector, options ?? new VersionedCacheOptions(), new Nonces(BitConverter.ToInt64(Guid.NewGuid().ToByteArray())))
    {
    }

    internal VersionedCache(IConnector connector, VersionedCacheOptions options, Nonces nonces)
    {
        ArgumentNullException.ThrowIfNull(connector);
        _connector = connector;
        _options = options;
        _format = CopyFormats.Create(options, nonces);
    }

    /// <summary>Reads a value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Cancels waiting for the shard.</param>
    /// <returns>The value and its token, or a miss.</returns>
    public async ValueTask<CacheResult<T>> GetAsync<T>(RedisKey key, CancellationToken cancellationToken = default)
    {
        var placed = _format.KeyOf(key);
        var route = await _connector.ConnectAsync(placed, _options.RoutePolicy, cancellationToken).ConfigureAwait(false);
        var copy = await _format.ReadAsync(route, placed).ConfigureAwait(false);
        return copy.State == CopyState.Valid ? new CacheResult<T>(Decode<T>(copy.Payload), copy.Token) : default;
    }

    /// <summary>Writes a value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="expiry">How long it may live (default: <see cref="VersionedCacheOptions.Expiry"/>).</param>
    /// <param name="cancellationToken">Cancels waiting for the shard; what was sent may still be applied.</param>
    /// <returns>The token of the copy.</returns>
    /// <exception cref="StaleViewException">A client with a newer view has written meanwhile; this one's view was waited for in vain.</exception>
    public async ValueTask<CacheToken> SetAsync<T>(RedisKey key, T value, CacheExpiry? expiry = null, CancellationToken cancellationToken = default)
    {
        var placed = _format.KeyOf(key);
        var payload = Encode(value);
        var route = await _connector.ConnectAsync(placed, _options.RoutePolicy, cancellationToken).ConfigureAwait(false);
        var result = await _format.WriteAsync(route, placed, payload, expiry ?? _options.Expiry).ConfigureAwait(false);
        return result.Outcome == WriteOutcome.Done ? result.Token : throw Refused(result.Outcome, route);
    }

    /// <summary>Writes a value if the copy there is the one that a read found.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="token">The token of the read; <see cref="CacheToken.None"/> demands that a read would miss.</param>
    /// <param name="expiry">How long it may live (default: <see cref="VersionedCacheOptions.Expiry"/>).</param>
    /// <param name="cancellationToken">Cancels waiting for the shard; what was sent may still be applied.</param>
    /// <returns>Whether it was written, and the token of the copy.</returns>
    public async ValueTask<CheckAndSetResult> CheckAndSetAsync<T>(RedisKey key, T value, CacheToken token, CacheExpiry? expiry = null, CancellationToken cancellationToken = default)
    {
        var placed = _format.KeyOf(key);
        var payload = Encode(value);
        var route = await _connector.ConnectAsync(placed, _options.RoutePolicy, cancellationToken).ConfigureAwait(false);
        var result = await _format.CheckAndWriteAsync(route, placed, payload, expiry ?? _options.Expiry, token).ConfigureAwait(false);
        return result.Outcome switch
        {
            WriteOutcome.Done => new CheckAndSetResult(true, result.Token),
            WriteOutcome.Changed => default,
            _ => throw Refused(result.Outcome, route),
        };
    }

    /// <summary>Removes a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Cancels waiting for the shard; what was sent may still be applied.</param>
    /// <returns>Whether there was a copy.</returns>
    public async ValueTask<bool> RemoveAsync(RedisKey key, CancellationToken cancellationToken = default)
    {
        var placed = _format.KeyOf(key);
        var route = await _connector.ConnectAsync(placed, _options.RoutePolicy, cancellationToken).ConfigureAwait(false);
        return await _format.RemoveAsync(route, placed).ConfigureAwait(false);
    }

    private static RingKeeperException Refused(WriteOutcome outcome, in ShardRoute route) => outcome switch
    {
        WriteOutcome.StaleView => new StaleViewException($"The copy on shard {route.Shard.Addr} was written under a later view than this client has. Try again."),
        _ => new RingKeeperException($"What shard {route.Shard.Addr} holds under this key was written by no cache; it was left alone. Choose another key or prefix."),
    };

    private ReadOnlyMemory<byte> Encode<T>(T value)
    {
        switch (value)
        {
            case byte[] bytes:
                return bytes;
            case string text:
                return Encoding.UTF8.GetBytes(text);
        }

        var buffer = new ArrayBufferWriter<byte>();
        _options.Serializer.Serialize(value, buffer);
        return buffer.WrittenMemory;
    }

    private T Decode<T>(ReadOnlyMemory<byte> payload)
    {
        if (typeof(T) == typeof(byte[]))
        {
            return (T)(object)payload.ToArray();
        }

        return typeof(T) == typeof(string) ? (T)(object)Encoding.UTF8.GetString(payload.Span) : _options.Serializer.Deserialize<T>(payload.Span);
    }
}
