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

    /// <summary>Gets the client of a session, opened by the first who asks; it may still be connecting, and goes on trying after a failure.</summary>
    public ZooKeeperClient Open(ZKConnectorOptions options)
    {
        var key = new Key(ServersOf(options), options.DigestCredentials, options.ZKTimeout);
        lock (_clients)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_clients.TryGetValue(key, out var client))
            {
                _clients[key] = client = ZooKeeperClient.Open(options.ToClientOptions());
            }

            return client;
        }
    }

    /// <summary>Gets the client of a session that is open.</summary>
    /// <exception cref="ZooKeeperException">No server could be reached in time.</exception>
    public async Task<ZooKeeperClient> GetAsync(ZKConnectorOptions options, CancellationToken cancellationToken)
    {
        var client = Open(options);
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
    private sealed record Key(string Servers, string? Credentials, TimeSpan Timeout)
    {
        // Without the credentials.
        public override string ToString() => Servers;
    }
}
