using System.Threading.Channels;

namespace RingKeeper.Tests.Health;

/// <summary>A probe whose every answer the test gives.</summary>
internal sealed class ScriptedProbe : IShardProbe
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly Channel<TaskCompletionSource<ProbeResult>> _calls = Channel.CreateUnbounded<TaskCompletionSource<ProbeResult>>();
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // As on a socket, a disturbance stays until somebody sees it: the loop may begin to watch only after it.
    private readonly SemaphoreSlim _disturbances = new(0);
    private int _running;

    public bool IgnoresCancellation { get; set; }

    public int MostAtOnce { get; private set; }

    public bool HasPendingCall => _calls.Reader.Count > 0;

    public Task Disposed => _disposed.Task;

    public async ValueTask<ProbeResult> ProbeAsync(CancellationToken cancellationToken)
    {
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _running));
        try
        {
            var call = new TaskCompletionSource<ProbeResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            await _calls.Writer.WriteAsync(call, CancellationToken.None);
            return await call.Task.WaitAsync(IgnoresCancellation ? CancellationToken.None : cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public Task WaitForDisturbanceAsync(CancellationToken cancellationToken) => _disturbances.WaitAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        _disposed.TrySetResult();
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits for the next probe and lets it hang.</summary>
    public async Task<TaskCompletionSource<ProbeResult>> CallAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(Soon);

    public async Task AnswerAsync(ProbeOutcome outcome) => (await CallAsync()).SetResult(new ProbeResult(outcome));

    public void Disturb() => _disturbances.Release();
}
