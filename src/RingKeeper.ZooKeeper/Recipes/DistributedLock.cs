namespace RingKeeper.ZooKeeper;

/// <summary>
/// A lock that one process at a time holds, in the order in which they asked. It is a handle's, not a thread's: asking again while holding it waits for oneself.
/// Safe for concurrent use; it holds nothing itself and needs no disposal.
/// </summary>
/// <remarks>
/// After the recipe of Apache ZooKeeper's documentation: an ephemeral numbered znode each below the lock's path, of which the lowest holds the lock and each watches the one before it.
/// <see cref="Tenure"/> says what holding rests on.
/// </remarks>
public sealed class DistributedLock
{
    private const string Prefix = "lock-";

    private readonly ZooKeeperClient _client;
    private readonly TenureOptions _options;

    /// <summary>Describes a lock; nothing is asked of the servers yet.</summary>
    /// <param name="client">The client whose session holds it.</param>
    /// <param name="path">The lock's znode; it is made when it is missing, and stays.</param>
    /// <param name="options">The options (default: the defaults).</param>
    /// <exception cref="ArgumentException">The path or an option is invalid.</exception>
    public DistributedLock(ZooKeeperClient client, string path, TenureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        RecipePath.Check(path);
        (_client, Path, _options) = (client, path, options ?? new TenureOptions());
        TenureOptions.Check(_options);
    }

    /// <summary>Gets the lock's znode.</summary>
    public string Path { get; }

    /// <summary>Waits for the lock, through losses of connection and session.</summary>
    /// <param name="cancellationToken">Gives up; the place in line is given up too, in the background where there is no connection.</param>
    /// <returns>The lock, held.</returns>
    /// <exception cref="ZooKeeperException">The servers refused it for a reason that does not pass, such as a missing permission.</exception>
    /// <exception cref="ObjectDisposedException">The client is closed.</exception>
    public async Task<LockHandle> AcquireAsync(CancellationToken cancellationToken = default) =>
        new(_client, (await new Contender(_client, Path, Prefix, _options).TakeTurnAsync(waits: true, cancellationToken).ConfigureAwait(false))!);

    /// <summary>Waits for the lock for a while.</summary>
    /// <param name="timeout">How long at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The lock, held; null where it was not to be had in time.</returns>
    /// <exception cref="ZooKeeperException">The servers refused it for a reason that does not pass, such as a missing permission.</exception>
    public async Task<LockHandle?> TryAcquireAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var limit = new CancellationTokenSource(timeout, _client.Options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await AcquireAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Takes the lock if nobody holds it or waits for it.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The lock, held, or null.</returns>
    /// <exception cref="ZooKeeperException">The servers refused it for a reason that does not pass, such as a missing permission.</exception>
    public async Task<LockHandle?> TryAcquireAsync(CancellationToken cancellationToken = default) =>
        await new Contender(_client, Path, Prefix, _options).TakeTurnAsync(waits: false, cancellationToken).ConfigureAwait(false) is { } turn ? new LockHandle(_client, turn) : null;
}
