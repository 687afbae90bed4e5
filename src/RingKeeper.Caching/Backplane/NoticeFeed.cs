using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace RingKeeper;

/// <summary>The notices on their way to one reader. What does not fit becomes a gap.</summary>
internal sealed class NoticeFeed(int capacity = NoticeFeed.DefaultCapacity)
{
    private const int DefaultCapacity = 10_000;

    private readonly Channel<CacheNotice> _waiting = Channel.CreateBounded<CacheNotice>(new BoundedChannelOptions(capacity) { SingleReader = true });
    private int _hasLost;

    public void Add(CacheNotice notice)
    {
        if (!_waiting.Writer.TryWrite(notice))
        {
            Interlocked.Exchange(ref _hasLost, 1);
        }
    }

    public void End() => _waiting.Writer.TryComplete();

    public async IAsyncEnumerable<CacheNotice> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var notice in _waiting.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            // Was full, so something is always read after something was lost.
            if (Interlocked.Exchange(ref _hasLost, 0) != 0)
            {
                yield return new CacheNotice(CacheNoticeKind.Gap);
            }

            yield return notice;
        }
    }
}
