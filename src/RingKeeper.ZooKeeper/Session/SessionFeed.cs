using System.Runtime.CompilerServices;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// The chain of snapshots. Each reader walks it at its own pace, so none is dropped for a slow one, and what all have read
/// is free to be collected. Publishing is serialised by the session.
/// </summary>
internal sealed class SessionFeed
{
    private volatile Link _last = new(new SessionSnapshot(SessionState.Connecting, 0, 0, TimeSpan.Zero, null));

    public SessionSnapshot Current => _last.Snapshot;

    public void Publish(SessionSnapshot snapshot)
    {
        var previous = _last;
        _last = new Link(snapshot);
        previous.Next.SetResult(_last);
    }

    /// <summary>Starts with the snapshot of this very moment, however late the reading begins.</summary>
    public IAsyncEnumerable<SessionSnapshot> ReadAllAsync(CancellationToken cancellationToken) => ReadFromAsync(_last, cancellationToken);

    private static async IAsyncEnumerable<SessionSnapshot> ReadFromAsync(Link link, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            yield return link.Snapshot;
            if (link.Snapshot.State == SessionState.Closed)
            {
                yield break;
            }

            link = await link.Next.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private sealed class Link(SessionSnapshot snapshot)
    {
        public SessionSnapshot Snapshot { get; } = snapshot;

        public TaskCompletionSource<Link> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
