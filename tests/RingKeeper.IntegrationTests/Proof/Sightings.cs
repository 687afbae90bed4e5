namespace RingKeeper.IntegrationTests.Proof;

/// <summary>Up to which change of each znode each watcher has come, by what its watches made it read.</summary>
internal sealed class Sightings
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Watcher, string Path), long> _seen = [];
    private readonly List<(string Path, long Mzxid, TaskCompletionSource Reached)> _waiters = [];

    /// <summary>There is a watcher of this path.</summary>
    public void Expect(string watcher, string path) => Note(watcher, path, 0);

    /// <summary>The watcher has come to this change; of no interest where none is expected.</summary>
    public void Note(string watcher, string path, long mzxid)
    {
        lock (_gate)
        {
            if (mzxid > 0 && !_seen.ContainsKey((watcher, path)))
            {
                return;
            }

            _seen[(watcher, path)] = Math.Max(mzxid, _seen.GetValueOrDefault((watcher, path)));
            foreach (var waiter in _waiters.Where(w => w.Path == path && Missing(path, w.Mzxid) is []))
            {
                waiter.Reached.TrySetResult();
            }
        }
    }

    /// <summary>Completes once every watcher of the path has come to this change; says which have not if they do not in time.</summary>
    public async Task WhenSeenAsync(string path, long mzxid, TimeSpan bound)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (Missing(path, mzxid) is [])
            {
                return;
            }

            _waiters.Add((path, mzxid, reached));
        }

        try
        {
            await reached.Task.WaitAsync(bound, TimeProvider.System);
        }
        catch (TimeoutException e)
        {
            lock (_gate)
            {
                throw new TimeoutException($"A watch is silently gone: {path} has zxid {mzxid}, and not told of it in {bound.TotalSeconds:0} s are {string.Join(", ", Missing(path, mzxid))}.", e);
            }
        }
    }

    private List<string> Missing(string path, long mzxid) => [.. _seen.Where(s => s.Key.Path == path && s.Value < mzxid).Select(s => $"{s.Key.Watcher} (at {s.Value})")];
}
