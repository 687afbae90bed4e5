namespace RingKeeper.IntegrationTests.GoFleet;

/// <summary>Collects what tasks that follow a cluster failed with and nobody looked at: a panic, in Go.</summary>
internal sealed class UnobservedFaults : IDisposable
{
    private readonly List<Exception> _faults = [];

    public UnobservedFaults() => TaskScheduler.UnobservedTaskException += Note;

    public IReadOnlyList<Exception> Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        lock (_faults)
        {
            return [.. _faults];
        }
    }

    public void Dispose() => TaskScheduler.UnobservedTaskException -= Note;

    // Other tests run in this process too; only what a client's follower or host failed with counts.
    private void Note(object? sender, UnobservedTaskExceptionEventArgs unobserved)
    {
        var fault = unobserved.Exception.Flatten().InnerExceptions[0];
        if (fault is not OperationCanceledException && fault.StackTrace is { } trace && (trace.Contains("RingKeeper.ViewFollower", StringComparison.Ordinal) || trace.Contains("RingKeeper.ViewHost", StringComparison.Ordinal)))
        {
            lock (_faults)
            {
                _faults.Add(fault);
            }
        }
    }
}
