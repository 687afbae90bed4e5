namespace RingKeeper.ZooKeeper;

/// <summary>What an error and a session mean for those who go on trying.</summary>
internal static class SessionRules
{
    /// <summary>Whether the error came of the connection, the session or load, and not of what was asked.</summary>
    public static bool IsPassing(ZooKeeperException e) =>
        e.Code is ZooKeeperErrorCode.ConnectionLoss or ZooKeeperErrorCode.SessionExpired or ZooKeeperErrorCode.OperationTimeout or ZooKeeperErrorCode.ThrottledOperation
            or ZooKeeperErrorCode.SessionMoved or ZooKeeperErrorCode.NotReadOnly
        || (e.Outcome != OperationOutcome.Refused && e.Code != ZooKeeperErrorCode.AuthFailed);

    /// <summary>Waits for a session that can write.</summary>
    /// <exception cref="ObjectDisposedException">The client is closed.</exception>
    /// <exception cref="ZooKeeperException">The credentials were refused.</exception>
    public static Task<SessionSnapshot> WhenConnectedAsync(this ZooKeeperClient client, CancellationToken cancellationToken) =>
        WhenAsync(client, static (session, now) => session.Lasts(now), cancellationToken);

    /// <summary>Waits for a session that can read.</summary>
    /// <exception cref="ObjectDisposedException">The client is closed.</exception>
    /// <exception cref="ZooKeeperException">The credentials were refused.</exception>
    public static Task<SessionSnapshot> WhenConnectedOrReadOnlyAsync(this ZooKeeperClient client, CancellationToken cancellationToken) =>
        WhenAsync(client, static (session, now) => session.IsConnected && now.IsConnected && session.Connection == now.Connection, cancellationToken);

    private static async Task<SessionSnapshot> WhenAsync(ZooKeeperClient client, Func<SessionSnapshot, SessionSnapshot, bool> suits, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await foreach (var session in client.WatchSessionAsync(cancellationToken).ConfigureAwait(false))
        {
            switch (session.State)
            {
                case SessionState.Connected or SessionState.ReadOnly when suits(session, client.Session):
                    return session;
                case SessionState.AuthFailed:
                    throw new ZooKeeperException(ZooKeeperErrorCode.AuthFailed, path: null, OperationOutcome.NotSent, "The server refused the credentials of this client. Correct them and connect anew.");
            }
        }

        throw new ObjectDisposedException(nameof(ZooKeeperClient));
    }

    /// <summary>Calls back at each change of the session until the token is cancelled or the client is closed.</summary>
    public static async Task PumpAsync(this ZooKeeperClient client, Action changed, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in client.WatchSessionAsync(cancellationToken).ConfigureAwait(false))
            {
                changed();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    /// <summary>Waits for work that goes on by itself, no longer than the connection stands.</summary>
    public static async Task WhileConnectedAsync(this ZooKeeperClient client, Task work)
    {
        using var unconnected = new CancellationTokenSource();
        await Task.WhenAny(work, client.WhenUnconnectedAsync(unconnected.Token)).ConfigureAwait(false);
        await unconnected.CancelAsync().ConfigureAwait(false);
    }

    private static async Task WhenUnconnectedAsync(this ZooKeeperClient client, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var session in client.WatchSessionAsync(cancellationToken).ConfigureAwait(false))
            {
                if (session.State != SessionState.Connected)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The work came first.
        }
    }

    /// <summary>Makes a persistent znode and those above it, where they are missing.</summary>
    public static async Task EnsurePathAsync(this ZooKeeperClient client, string path, IReadOnlyList<Acl>? acl, CancellationToken cancellationToken)
    {
        if (path is "" or "/")
        {
            return;
        }

        try
        {
            await client.CreateAsync(path, default, acl: acl, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NodeExists)
        {
            // Made by another.
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode && ParentOf(path) != "/")
        {
            await client.EnsurePathAsync(ParentOf(path), acl, cancellationToken).ConfigureAwait(false);
            await client.EnsurePathAsync(path, acl, cancellationToken).ConfigureAwait(false);
        }
    }

    public static string ParentOf(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";

    public static string Join(string parent, string name) => parent == "/" ? $"/{name}" : $"{parent}/{name}";
}
