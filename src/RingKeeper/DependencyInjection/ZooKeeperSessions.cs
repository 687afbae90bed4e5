using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper;

/// <summary>
/// Opens one ZooKeeper session for all clusters and checkers of a container that ask for the same one, and closes it with the container.
/// Whoever uses a session is created after this, so that the container disposes of it before.
/// </summary>
internal sealed class ZooKeeperSessions : IAsyncDisposable
{
    private readonly Dictionary<Key, ZooKeeperClient> _clients = [];
    private bool _disposed;

    /// <summary>
    /// Gets the client of a session, opened by the first who asks; it may still be connecting, and goes on trying after a failure. One that is of no use
    /// any more, since its credentials were refused or it was closed, is replaced: the reason may be gone.
    /// </summary>
    public async Task<ZooKeeperClient> OpenAsync(ZKConnectorOptions options)
    {
        var key = new Key(ServersOf(options), options.DigestCredentials, options.Tls, options.Sasl, options.ZKTimeout);
        ZooKeeperClient? ended;
        ZooKeeperClient opened;
        lock (_clients)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_clients.TryGetValue(key, out ended) && ended.Session.State is not (SessionState.AuthFailed or SessionState.Closed))
            {
                return ended;
            }

            _clients[key] = opened = ZooKeeperClient.Open(options.ToClientOptions());
        }

        if (ended is not null)
        {
            await ended.DisposeAsync().ConfigureAwait(false);
        }

        return opened;
    }

    /// <summary>Gets the client of a session that is open.</summary>
    /// <exception cref="ZooKeeperException">No server could be reached in time.</exception>
    public async Task<ZooKeeperClient> GetAsync(ZKConnectorOptions options, CancellationToken cancellationToken)
    {
        var client = await OpenAsync(options).ConfigureAwait(false);
        await client.WaitForSessionAsync(cancellationToken).ConfigureAwait(false);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        lock (_clients)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        foreach (var client in _clients.Values)
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The servers in one order, with the chroot.</summary>
    public static string ServersOf(ZKConnectorOptions options)
    {
        var (servers, chroot) = ConnectString.Parse(options.ZKServers);
        return string.Join(',', servers.Select(server => server.ToString()).Order(StringComparer.Ordinal)) + chroot.Prefix;
    }

    /// <summary>What makes two sessions the same: servers in any order, chroot, credentials, and the timeout, since each asker wants its own kept.</summary>
    private sealed record Key(string Servers, string? Credentials, ZooKeeperTlsOptions? Tls, ZooKeeperSaslOptions? Sasl, TimeSpan Timeout)
    {
        // Without the credentials.
        public override string ToString() => Servers;
    }
}
