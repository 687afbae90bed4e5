namespace RingKeeper.IntegrationTests.Proof;

/// <summary>The load of one client: bursts of writes and reads that do not wait for each other, of a few registers that all clients share and of znodes of its own.</summary>
internal sealed class ProofWriter(ProofClient client, List<string> registers, string folder, int seed) : IAsyncDisposable
{
    private const int OwnZNodes = 40;
    private const int MaxBurst = 6;
    private const int MaxPauseMs = 40;

    private readonly Random _random = new(seed);
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<string> _own = new();
    private readonly Dictionary<string, RegisterState> _read = [];
    private int _protected;
    private Task _running = Task.CompletedTask;

    public void Start() => _running = Task.Run(RunAsync);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var burst = Enumerable.Range(0, _random.Next(1, MaxBurst + 1)).Select(_ => Next()).ToArray();
            foreach (var operation in await Task.WhenAll(burst))
            {
                Learn(operation);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(MaxPauseMs)), TimeProvider.System);
        }
    }

    private Task<Operation> Next()
    {
        var register = registers[_random.Next(registers.Count)];
        return _random.Next(20) switch
        {
            0 => GiveUpAsync(token => client.SetAsync(register, cancellationToken: token)),
            < 5 => client.SetAsync(register),
            < 7 => client.SetAsync(register, _read.GetValueOrDefault(register).Version),
            < 8 when _read.TryGetValue(register, out var read) => client.SetVerifiedAsync(register, read),
            < 10 => FirstOf(client.SetAllAsync([register, registers[(registers.IndexOf(register) + 1) % registers.Count]])),
            10 => GiveUpAsync(token => client.ReadAsync(register, cancellationToken: token)),
            < 15 => client.ReadAsync(register),
            < 17 => client.ReadAsync(register, synced: true),
            17 when _protected++ < OwnZNodes => client.CreateProtectedAsync(folder),
            _ when _own.Count >= OwnZNodes => client.DeleteAsync(_own.Dequeue()),
            _ => client.CreateAsync(folder, ephemeral: _random.Next(2) == 0),
        };
    }

    // Soon, which may be before it is sent, on the way, or just as the answer comes.
    private async Task<Operation> GiveUpAsync(Func<CancellationToken, Task<Operation>> call)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(_random.Next(1, 10)), TimeProvider.System);
        return await call(patience.Token);
    }

    private void Learn(Operation operation)
    {
        if (operation.State is { } state)
        {
            _read[operation.Path] = state;
        }
        else if (operation.Kind is OperationKind.Create or OperationKind.CreateEphemeral && operation.MayBeApplied)
        {
            _own.Enqueue(operation.Path);
        }
    }

    private static async Task<Operation> FirstOf(Task<IReadOnlyList<Operation>> operations) => (await operations)[0];
}
