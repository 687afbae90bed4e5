using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Connects every key to one server: for development, and for code that runs with and without a cluster.</summary>
public sealed class SingleConnector : IConnector
{
    private readonly Shard _shard;
    private readonly ShardConnection _connection;
    private int _disposed;

    private SingleConnector(Shard shard, ShardConnection connection)
    {
        _shard = shard;
        _connection = connection;
    }

    /// <summary>Opens the connection. A server that is away does not fail it: operations fail until the server is back.</summary>
    /// <param name="addr">The address: <c>host:port</c>, <c>[v6]:port</c>, or <c>:port</c> for this machine.</param>
    /// <param name="options">The options, of which those of connections count; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The connector.</returns>
    /// <exception cref="RingKeeperException">The address or an option cannot be used.</exception>
    public static async Task<SingleConnector> ConnectAsync(string addr, ClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(addr);
        options ??= new ClusterOptions();
        options.Validate();
        var connection = new ShardConnection(addr, addr, options, a => ShardConfiguration.OpenAsync(a, options));
        try
        {
            await connection.Opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await connection.DrainAndCloseAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }

        return new SingleConnector(new Shard(addr, addr), connection);
    }

    /// <inheritdoc/>
    public ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy = RoutePolicy.Failover, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<ShardRoute>(cancellationToken)
            : new ValueTask<ShardRoute>(new ShardRoute(_connection.Database!, _shard, 0));
    }

    /// <summary>Closes the connection. Safe to call again.</summary>
    /// <returns>The close.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _connection.DrainAndCloseAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        }
    }
}
