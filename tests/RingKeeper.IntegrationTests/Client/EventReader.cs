using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>Reads a subscription event by event, with bounded patience.</summary>
internal sealed class EventReader(WatchSubscription subscription) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<WatchedEvent> _events = subscription.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();
    private Task<bool> _next = Task.FromResult(true);

    public async Task<WatchedEvent> NextAsync() =>
        await MoveAsync() ? _events.Current : throw new InvalidOperationException("The stream has ended.");

    public async Task<bool> HasEndedAsync() => !await MoveAsync();

    public async Task<List<WatchedEvent>> NextAsync(int count)
    {
        var events = new List<WatchedEvent>();
        while (events.Count < count)
        {
            events.Add(await NextAsync());
        }

        return events;
    }

    // A wait that was given up is still pending; disposing of it would hide why the test failed.
    public ValueTask DisposeAsync() => _next.IsCompleted ? _events.DisposeAsync() : default;

    private Task<bool> MoveAsync()
    {
        _next = _events.MoveNextAsync().AsTask();
        return _next.WaitAsync(ClientSuite.Patience, TimeProvider.System);
    }
}
