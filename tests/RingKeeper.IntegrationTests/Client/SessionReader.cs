using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>Reads a client's session changes, from the state at its creation on.</summary>
internal sealed class SessionReader(ZooKeeper.ZooKeeperClient client) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<SessionSnapshot> _snapshots = client.WatchSessionAsync(CancellationToken.None).GetAsyncEnumerator();

    private bool _isStuck;

    public List<SessionState> Seen { get; } = [];

    public async Task<SessionSnapshot> UntilAsync(SessionState state)
    {
        while (await NextAsync(state))
        {
            Seen.Add(_snapshots.Current.State);
            if (_snapshots.Current.State == state)
            {
                return _snapshots.Current;
            }
        }

        throw new InvalidOperationException($"The session ended without the state {state}; seen: {string.Join(", ", Seen)}.");
    }

    private async Task<bool> NextAsync(SessionState awaited)
    {
        try
        {
            return await _snapshots.MoveNextAsync().AsTask().WaitAsync(ClientSuite.Patience, TimeProvider.System);
        }
        catch (TimeoutException exception)
        {
            // The enumeration that hangs cannot be disposed of, which would hide this.
            _isStuck = true;
            throw new InvalidOperationException($"The state {awaited} did not come; seen: {string.Join(", ", Seen)}. {client.Diagnosis.Message}", exception);
        }
    }

    public ValueTask DisposeAsync() => _isStuck ? ValueTask.CompletedTask : _snapshots.DisposeAsync();
}
