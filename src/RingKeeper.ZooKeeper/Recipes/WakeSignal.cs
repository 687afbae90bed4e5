using System.Threading.Channels;

namespace RingKeeper.ZooKeeper;

/// <summary>Wakes one loop; calls made while it is busy count as one. Safe for concurrent use.</summary>
internal sealed class WakeSignal(TimeProvider time)
{
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _wakes.Writer.TryWrite(true);

    /// <summary>Waits for a call of <see cref="Set"/>, or until the time is up.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        // Cancelled and not abandoned: a wait left behind would stay in the channel until the next call of Set.
        using var limit = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _wakes.Reader.WaitToReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return;
        }

        _wakes.Reader.TryRead(out _);
    }
}
