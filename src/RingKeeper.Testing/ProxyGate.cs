namespace RingKeeper.Testing;

/// <summary>Lets bytes of one direction through, or holds them.</summary>
internal sealed class ProxyGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _reopened;

    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _reopened is null ? Task.CompletedTask : _reopened.Task.WaitAsync(cancellationToken);
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _reopened ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Open()
    {
        lock (_lock)
        {
            _reopened?.SetResult();
            _reopened = null;
        }
    }
}
