using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>Reads a client's session changes, from the state at its creation on.</summary>
internal sealed class SessionReader(ZooKeeper.ZooKeeperClient client) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<SessionSnapshot> _snapshots = client.WatchSessionAsync(CancellationToken.None).GetAsyncEnumerator();

    public List<SessionState> Seen { get; } = [];

    public async Task<SessionSnapshot> UntilAsync(SessionState state)
    {
        while (await _snapshots.MoveNextAsync().AsTask().WaitAsync(ClientSuite.Patience, TimeProvider.System))
        {
            Seen.Add(_snapshots.Current.State);
            if (_snapshots.Current.State == state)
            {
                return _snapshots.Current;
            }
        }

        throw new InvalidOperationException($"The session ended without the state {state}; seen: {string.Join(", ", Seen)}.");
    }

    public ValueTask DisposeAsync() => _snapshots.DisposeAsync();
}
