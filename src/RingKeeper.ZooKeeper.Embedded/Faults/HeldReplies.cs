namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Replies and events that the server keeps back; to dispose of it sends them, in order.</summary>
public sealed class HeldReplies : IAsyncDisposable
{
    private readonly Func<HeldReplies, Task> _release;

    internal HeldReplies(long? sessionId, Func<HeldReplies, Task> release) => (SessionId, _release) = (sessionId, release);

    internal long? SessionId { get; }

    /// <summary>Sends what was kept back. May be called again.</summary>
    /// <returns>A task that completes when it is on its way.</returns>
    public Task ReleaseAsync() => _release(this);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await ReleaseAsync().ConfigureAwait(false);
}
