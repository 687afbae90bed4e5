using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>Reads a subscription event by event, with bounded patience.</summary>
internal sealed class EventReader(WatchSubscription subscription) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<WatchedEvent> _events = subscription.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();

    public async Task<WatchedEvent> NextAsync() =>
        await _events.MoveNextAsync().AsTask().WaitAsync(ClientSuite.Patience, TimeProvider.System)
            ? _events.Current
            : throw new InvalidOperationException("The stream has ended.");

    public async Task<bool> HasEndedAsync() =>
        !await _events.MoveNextAsync().AsTask().WaitAsync(ClientSuite.Patience, TimeProvider.System);

    public async Task<List<WatchedEvent>> NextAsync(int count)
    {
        var events = new List<WatchedEvent>();
        while (events.Count < count)
        {
            events.Add(await NextAsync());
        }

        return events;
    }

    public ValueTask DisposeAsync() => _events.DisposeAsync();
}
