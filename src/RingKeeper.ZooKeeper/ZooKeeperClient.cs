using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// A client of a ZooKeeper ensemble, 3.4 or later. Safe for any number of concurrent callers; one per process is enough.
/// </summary>
/// <remarks>
/// <para>One client outlives connections and sessions. While the connection is lost, requests that were not yet written wait up to
/// <see cref="ZooKeeperClientOptions.UnsentTimeout"/> and then fail as <see cref="OperationOutcome.NotSent"/>; writes that were sent fail at
/// once as <see cref="OperationOutcome.Unknown"/>, and reads that were sent wait with the others and are asked again. When the session expires, everything that waits fails with
/// <see cref="ZooKeeperErrorCode.SessionExpired"/> and the client opens a new session, whose epoch is one higher.</para>
/// <para>Requests of one caller are executed in the order in which the methods are called. A watch's event is handed over before the
/// result of any later request. Methods throw <see cref="ZooKeeperException"/> when an operation fails,
/// <see cref="ArgumentException"/> for an invalid path and <see cref="ObjectDisposedException"/> once the client is closed.
/// Cancelling ends the waiting; a request that was written already may still be applied. A <see cref="ValueTask"/> of a method is to be awaited once, or turned
/// into a <see cref="Task"/> at once: its source serves the next call after that.</para>
/// <para>A server that does not know an operation closes the connection behind its answer; the session stays. So the first request of a kind that came after 3.4 is, for
/// each server, written with nothing behind it until it is answered, and what a server lacks is not asked of it again for ten minutes. Where an older way to the same end
/// exists it is taken, otherwise <see cref="ZooKeeperServerTooOldException"/> is thrown.</para>
/// </remarks>
public sealed partial class ZooKeeperClient : IZNodeStore, IAsyncDisposable
{
    private readonly ClientSession _session;
    private readonly SessionLoop _loop;
    private readonly Chroot _chroot;
    private readonly IReadOnlyList<Acl> _defaultAcl;
    private readonly ZooKeeperClientOptions _options;
    private readonly SessionSnapshot? _boundTo;

    private ZooKeeperClient(ZooKeeperClientOptions options, ConnectString connectString)
    {
        (_chroot, _defaultAcl, _options) = (connectString.Chroot, options.DefaultAcl, options);
        _session = new ClientSession(options, _chroot);
        _loop = new SessionLoop(options, connectString, _session);
    }

    // Shares everything with the client it was made from.
    private ZooKeeperClient(ZooKeeperClient client, SessionSnapshot boundTo)
    {
        (_chroot, _defaultAcl, _options, _session, _loop) = (client._chroot, client._defaultAcl, client._options, client._session, client._loop);
        _boundTo = boundTo;
    }

    /// <summary>The ACL of znodes that are created without one.</summary>
    internal IReadOnlyList<Acl> DefaultAcl => _defaultAcl;

    /// <summary>Gets the session as it is now.</summary>
    public SessionSnapshot Session => _session.Feed.Current;

    /// <summary>
    /// Gets the timestamp of the client's clock from which on the servers may have ended the session, as <see cref="SessionSnapshot.Deadline"/> of this moment: each
    /// answer moves it. 0 before the first session.
    /// </summary>
    public long SessionDeadline => _session.Deadline;

    /// <summary>Tells how the client stands.</summary>
    /// <returns>What holds at this moment.</returns>
    public ZooKeeperClientHealth GetHealth() => _session.Describe(_loop.Diagnose());

    /// <summary>Gets what keeps the client from its servers, with the last error of each; of <see cref="ConnectionTrouble.None"/> while it is connected.</summary>
    public ConnectionDiagnosis Diagnosis => _loop.Diagnose();

    /// <summary>Connects with default options.</summary>
    /// <param name="connectString">The servers and the chroot: <c>host:port,host:port/chroot</c>.</param>
    /// <param name="cancellationToken">Gives up; nothing is left behind.</param>
    /// <returns>The client, connected.</returns>
    /// <exception cref="ArgumentException">The connect string is invalid.</exception>
    /// <exception cref="ZooKeeperException">No server gave a session in time, or the chroot does not exist.</exception>
    public static Task<ZooKeeperClient> ConnectAsync(string connectString, CancellationToken cancellationToken = default) =>
        ConnectAsync(new ZooKeeperClientOptions { ConnectString = connectString }, cancellationToken);

    /// <summary>Connects.</summary>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Gives up; nothing is left behind.</param>
    /// <returns>The client, connected.</returns>
    /// <exception cref="ArgumentException">The connect string or another option is invalid.</exception>
    /// <exception cref="ZooKeeperException">
    /// No server gave a session within <see cref="ZooKeeperClientOptions.StartTimeout"/> (the message names each and its last error), or the chroot does not exist.
    /// </exception>
    public static async Task<ZooKeeperClient> ConnectAsync(ZooKeeperClientOptions options, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var client = Open(options);
        try
        {
            await client.WaitForSessionAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Begins to connect and does not wait for it. Requests wait for the session up to <see cref="ZooKeeperClientOptions.UnsentTimeout"/>; the client goes on
    /// trying for as long as it takes. A chroot that does not exist shows as <see cref="ZooKeeperErrorCode.NoNode"/> of every request.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <returns>The client, connecting; dispose it.</returns>
    /// <exception cref="ArgumentException">The connect string or another option is invalid.</exception>
    public static ZooKeeperClient Open(ZooKeeperClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionsRules.Check(options);
        var connectString = ConnectString.Parse(options.ConnectString);

        // It outlives whatever opens it: neither an activity nor an ambient value of the opener's is that of all it does later.
        using AsyncFlowControl? alone = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        return new ZooKeeperClient(options with { Logger = new ShieldedLogger(options.Logger) }, connectString);
    }

    /// <summary>Reads the present session and then every change of it; none is dropped. Ends after <see cref="SessionState.Closed"/>.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The snapshots.</returns>
    public IAsyncEnumerable<SessionSnapshot> WatchSessionAsync(CancellationToken cancellationToken = default) => _session.Feed.ReadAllAsync(cancellationToken);

    /// <summary>
    /// Closes the session, so that its ephemeral znodes go at once, waiting at most min(1 s, a third of the session timeout) for the server;
    /// without a connection the server expires it later. What still waits fails; watches report <see cref="WatchedEventType.Closed"/>. May be called again.
    /// </summary>
    /// <returns>A task that completes when everything is released.</returns>
    public async ValueTask DisposeAsync() => await _loop.CloseAsync().ConfigureAwait(false);

    /// <summary>The timestamp at which a server was last heard; zero before the first session.</summary>
    internal long LastContact => _session.LastContact;

    /// <summary>Drops everything without closing the session, as a killed process would; for tests.</summary>
    internal void Abort() => _loop.Abort();

    /// <summary>Waits for the first session and checks the chroot; what <see cref="ConnectAsync(ZooKeeperClientOptions, CancellationToken)"/> does beyond <see cref="Open"/>.</summary>
    internal async Task WaitForSessionAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _session.FirstSession.WaitAsync(_options.StartTimeout, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new ZooKeeperException(
                ZooKeeperErrorCode.ConnectionLoss,
                path: null,
                OperationOutcome.NotSent,
                $"No ZooKeeper server gave a session within {_options.StartTimeout.TotalSeconds:0.###} s. {_loop.Diagnose().Message}",
                exception);
        }

        if (!_chroot.IsNone && await ChrootIsMissingAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new ZooKeeperException(
                ZooKeeperErrorCode.NoNode,
                _chroot.Prefix,
                OperationOutcome.Refused,
                $"The chroot '{_chroot.Prefix}' of the connect string does not exist. Create this znode with a client without chroot, or correct the connect string.");
        }
    }

    private async Task<bool> ChrootIsMissingAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await ExistsAsync("/", cancellationToken).ConfigureAwait(false) is not null)
            {
                return false;
            }

            // Somebody may have created it just now, and this server may lag behind.
            await SyncAsync("/", cancellationToken).ConfigureAwait(false);
            return await ExistsAsync("/", cancellationToken).ConfigureAwait(false) is null;
        }
        catch (ZooKeeperException exception) when (exception.Code == ZooKeeperErrorCode.NoAuth)
        {
            // Servers from 3.8.4 ask for the permission to read: the znode exists.
            return false;
        }
    }
}
