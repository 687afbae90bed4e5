using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>
/// ZooKeeper as one step of a checker sees it: what a step that began on one connection of one session asks for never goes out on another,
/// so that no step acts on a place in line or on a vote that it held before a break. The step fails instead, and the next one looks anew. A step that was
/// held up for long decides nothing either: the time of its own last write is what the age of votes is told by.
/// </summary>
/// <param name="store">ZooKeeper.</param>
/// <param name="time">The time.</param>
/// <param name="longest">How old a step may be when it decides.</param>
internal sealed class StepStore(IZNodeStore store, TimeProvider time, TimeSpan longest) : IZNodeStore
{
    private volatile Step? _step;

    /// <summary>The session of the step; suspended once it is not the one the step began on.</summary>
    public SessionSnapshot Session => _step is { } step && !step.Session.Lasts(store.Session) ? step.Session with { State = SessionState.Suspended } : store.Session;

    private IZNodeStore Bound => _step?.Store ?? store;

    /// <summary>Whether the step is too old to decide anything.</summary>
    public bool IsHeldUp => _step is { } step && time.GetElapsedTime(step.BegunAt) > longest;

    /// <summary>Begins a step; all that is asked from now on belongs to this session.</summary>
    public void Begin(SessionSnapshot session) => _step = new Step(session, store.BoundTo(session), time.GetTimestamp());

    public Task<string> CreateAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, IReadOnlyList<Acl>? acl = null, CancellationToken cancellationToken = default) =>
        Bound.CreateAsync(path, data, mode, acl, cancellationToken);

    public Task DeleteAsync(string path, int version = -1, CancellationToken cancellationToken = default) => Bound.DeleteAsync(path, version, cancellationToken);

    public Task<Stat?> ExistsAsync(string path, CancellationToken cancellationToken = default) => Bound.ExistsAsync(path, cancellationToken);

    public Task<NodeData> GetDataAsync(string path, CancellationToken cancellationToken = default) => Bound.GetDataAsync(path, cancellationToken);

    public Task<Stat> SetDataAsync(string path, ReadOnlyMemory<byte> data, int version = -1, CancellationToken cancellationToken = default) =>
        Bound.SetDataAsync(path, data, version, cancellationToken);

    public Task<NodeChildren> GetChildrenAsync(string path, CancellationToken cancellationToken = default) => Bound.GetChildrenAsync(path, cancellationToken);

    public Task<WatchedResult<NodeChildren>> GetChildrenAndWatchAsync(string path, CancellationToken cancellationToken = default) =>
        Bound.GetChildrenAndWatchAsync(path, cancellationToken);

    public Task<NodeAcl> GetAclAsync(string path, CancellationToken cancellationToken = default) => Bound.GetAclAsync(path, cancellationToken);

    public Task<IReadOnlyList<ZooKeeperOpResult>> MultiAsync(IReadOnlyList<ZooKeeperOp> operations, CancellationToken cancellationToken = default)
    {
        if (IsHeldUp)
        {
            throw new ZooKeeperException(
                ZooKeeperErrorCode.ConnectionLoss, path: null, OperationOutcome.NotSent, $"A step of the checker was held up for more than {longest.TotalSeconds:0.###} s, so it decides nothing; it is taken again.");
        }

        return Bound.MultiAsync(operations, cancellationToken);
    }

    public Task<IAsyncDisposable> WatchAsync(string path, WatchMode mode, Action<WatchedEvent> heard, CancellationToken cancellationToken = default) =>
        Bound.WatchAsync(path, mode, heard, cancellationToken);

    private sealed record Step(SessionSnapshot Session, IZNodeStore Store, long BegunAt);
}
