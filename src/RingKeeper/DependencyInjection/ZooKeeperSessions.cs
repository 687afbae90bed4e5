using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper;

/// <summary>
/// Opens one ZooKeeper session for all clusters and checkers of a container that ask for the same one, and closes it with the container.
/// Whoever uses a session is created after this, so that the container disposes of it before.
/// </summary>
internal sealed class ZooKeeperSessions : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<Key, Task<ZooKeeperClient>> _clients = [];
    private bool _disposed;

    /// <summary>Gets the client of a session that is open, or opens it; after a failure the next call tries again.</summary>
    /// <exception cref="ZooKeeperException">No server could be reached in time.</exception>
    public Task<ZooKeeperClient> GetAsync(ZKConnectorOptions options, CancellationToken cancellationToken)
    {
        var key = new Key(ServersOf(options), options.DigestCredentials, options.ZKTimeout);
        lock (_clients)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_clients.TryGetValue(key, out var client) || client.IsFaulted || client.IsCanceled)
            {
                // Not under the caller's token: others may be waiting for the same session.
                _clients[key] = client = ZooKeeperClient.ConnectAsync(options.ToClientOptions(), _stop.Token);
            }

            return client.WaitAsync(cancellationToken);
        }
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

        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var client in _clients.Values)
        {
            await ((Task)client).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (client.IsCompletedSuccessfully)
            {
                await (await client.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
        }

        _stop.Dispose();
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
