namespace RingKeeper.ZooKeeper;

/// <summary>
/// The time during which one contender, and no other, holds a lead or a lock. It ends with <see cref="DisposeAsync"/>, or when it is lost; then it does not come back.
/// </summary>
/// <remarks>
/// While it is held a write that changes nothing is committed about every 0.28 session timeouts, since answers to pings prove nothing on a server that is cut off from the others. What it rests on: the
/// session timeout is two server ticks or more (the servers' default minimum), clocks run at the same rate to within <see cref="TenureOptions.SafetyMargin"/> and do not stop, as that of a machine that sleeps does, and a process that was stopped looks at
/// <see cref="IsHeld"/> or <see cref="LostToken"/> before it acts. What cannot rest on that is written with <see cref="FencedMultiAsync"/>, or compared by <see cref="FencingToken"/> where it is stored.
/// </remarks>
public abstract class Tenure : IAsyncDisposable
{
    private readonly ZooKeeperClient _client;
    private readonly ProtectedNode _node;
    private readonly SessionLease _lease;
    private readonly CancellationTokenSource _pumping = new();
    private readonly Lazy<Task> _release;
    private readonly Task _pump;

    private protected Tenure(ZooKeeperClient client, Contender.Turn turn)
    {
        (_client, _node, _lease) = (client, turn.Node, turn.Lease);
        _release = new Lazy<Task>(ReleaseAsync);
        _pump = client.PumpAsync(_lease.Wake, _pumping.Token);
    }

    /// <summary>Gets the own znode; its name is unique.</summary>
    public string Path => _lease.Path;

    /// <summary>
    /// Gets the zxid that created the own znode: every later holder's is greater, until the ensemble is set up anew or restored from a copy. Whoever stores for the holder can refuse
    /// a lower one than it has seen.
    /// </summary>
    public long FencingToken => _lease.FencingToken;

    /// <summary>
    /// Gets the token that is cancelled when it ends, for whatever reason: at latest before another can hold it, at once when the session or the own znode is gone, and when it is released.
    /// A loss of the connection that is shorter does not cancel it.
    /// </summary>
    public CancellationToken LostToken => _lease.LostToken;

    /// <summary>Gets a value indicating whether it is held now. It looks at the clock itself.</summary>
    public bool IsHeld => End == TenureEnd.None;

    /// <summary>Gets why it is not held.</summary>
    public TenureEnd End => _lease.End;

    /// <summary>Gets how long it is certainly held from now on if the servers are not reached any more; zero once it is not held.</summary>
    public TimeSpan SafeFor => _lease.SafeFor;

    /// <summary>Applies all operations at once, and only while the own znode stands, whatever clocks say: who was stopped for long changes nothing.</summary>
    /// <param name="operations">The operations, executed in order.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The result of each operation.</returns>
    /// <exception cref="TenureLostException">It is not held; nothing was applied.</exception>
    /// <exception cref="ZooKeeperMultiException">An operation was refused; nothing was applied.</exception>
    public async ValueTask<IReadOnlyList<ZooKeeperOpResult>> FencedMultiAsync(IReadOnlyList<ZooKeeperOp> operations, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operations);
        if (!IsHeld)
        {
            throw new TenureLostException(Path, End);
        }

        try
        {
            // The name of the own znode is unique: no version is needed to tell it from a later one.
            var results = await _client.MultiAsync([ZooKeeperOp.Check(Path), .. operations], cancellationToken).ConfigureAwait(false);
            return [.. results.Skip(1)];
        }
        catch (ZooKeeperMultiException e) when (e.FailedIndex > 0)
        {
            throw new ZooKeeperMultiException(e.FailedIndex - 1, e.Code, e.Path);
        }
        catch (ZooKeeperMultiException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            _lease.Finish(TenureEnd.NodeDeleted);
            throw new TenureLostException(Path, End);
        }
    }

    /// <summary>Gives it back: the own znode is deleted, so that the next one has it at once. Without a connection it is deleted in the background, as long as the client lives.</summary>
    /// <returns>A task that completes when the znode is gone, or as soon as there is no connection to delete it over.</returns>
    public async ValueTask DisposeAsync()
    {
        await _release.Value.ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private async Task ReleaseAsync()
    {
        await _lease.DisposeAsync().ConfigureAwait(false);
        await _pumping.CancelAsync().ConfigureAwait(false);
        await _pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _pumping.Dispose();
        await _client.WhileConnectedAsync(_node.DeleteAsync()).ConfigureAwait(false);
    }
}
