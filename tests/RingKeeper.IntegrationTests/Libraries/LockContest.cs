using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Libraries;

/// <summary>Contenders who take a lock in turns and, while they hold it, make sure that nobody else does: each reads a number, lets others run, and writes it one higher.</summary>
internal sealed class LockContest : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _telling = new();
    private readonly List<(int Turns, TaskCompletionSource Source)> _awaited = [];
    private int _holders;
    private int _register;
    private int _turns;

    /// <summary>Turns in which another one held the lock too.</summary>
    public int Doubles { get; private set; }

    public int Turns => Volatile.Read(ref _turns);

    /// <summary>What was counted under the lock, without any other means against doubles.</summary>
    public int Register => _register;

    /// <summary>Takes turns until the end.</summary>
    /// <param name="take">Takes the lock; null where it could not be had in time.</param>
    public async Task ContendAsync(Func<CancellationToken, Task<IAsyncDisposable?>> take)
    {
        while (!_end.IsCancellationRequested)
        {
            var held = await take(_end.Token);
            if (held is not null)
            {
                await HoldAsync();
                await held.DisposeAsync();
            }
        }
    }

    /// <summary>Waits for further turns.</summary>
    public Task MoreAsync(int turns)
    {
        lock (_telling)
        {
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((_turns + turns, source));
            return source.Task.WaitAsync(Cancel.Soon);
        }
    }

    public Task EndAsync() => _end.CancelAsync();

    public void Dispose() => _end.Dispose();

    private async Task HoldAsync()
    {
        var read = _register;
        if (Interlocked.Increment(ref _holders) != 1)
        {
            Doubles++;
        }

        await Task.Yield();
        _register = read + 1;
        Interlocked.Decrement(ref _holders);
        lock (_telling)
        {
            _turns++;
            foreach (var (_, source) in _awaited.Where(one => one.Turns <= _turns))
            {
                source.TrySetResult();
            }
        }
    }
}
