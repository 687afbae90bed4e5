using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Tells when a connection that an operation failed on is restored.</summary>
internal sealed class RestoredConnections : IDisposable
{
    private readonly List<IConnectionMultiplexer> _watched = [];
    private CancellationTokenSource? _next;

    /// <summary>Fires once a watched connection is restored, or has been since the last call.</summary>
    public CancellationToken Next
    {
        get
        {
            var next = Volatile.Read(ref _next);
            if (next is null)
            {
                return default;
            }

            if (next.IsCancellationRequested)
            {
                // Told at most once: the attempt that follows is made on the restored connection.
                Volatile.Write(ref _next, new CancellationTokenSource());
            }

            return next.Token;
        }
    }

    public void Watch(IConnectionMultiplexer? multiplexer)
    {
        if (multiplexer is null || _watched.Contains(multiplexer))
        {
            return;
        }

        _next ??= new CancellationTokenSource();
        _watched.Add(multiplexer);
        multiplexer.ConnectionRestored += OnRestored;
    }

    public void Dispose()
    {
        foreach (var multiplexer in _watched)
        {
            multiplexer.ConnectionRestored -= OnRestored;
        }

        // Not disposed: an event may be on its way, and it holds no timer and no handle.
    }

    // Not on the thread of the event: what waits would continue there.
    private void OnRestored(object? sender, ConnectionFailedEventArgs e) => _ = Volatile.Read(ref _next)!.CancelAsync();
}
