using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace RingKeeper.ZooKeeper;

/// <summary>The changes that wait for one reader. When the reader falls behind, one Gap takes the place of what does not fit.</summary>
internal sealed class CacheFeed(string root, int capacity)
{
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private readonly Queue<CacheChange> _changes = new();

    // Changes were left out since; a Gap is told once what was kept is read.
    private bool _isCut;
    private bool _isOver;

    public void Add(CacheChange change)
    {
        lock (_gate)
        {
            if (_isCut || _changes.Count >= capacity)
            {
                _isCut = true;
            }
            else
            {
                _changes.Enqueue(change);
            }
        }

        _wake.Writer.TryWrite(true);
    }

    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
        }

        _wake.Writer.TryWrite(true);
    }

    public async IAsyncEnumerable<CacheChange> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            while (TryTake(out var change, out var isOver))
            {
                if (isOver)
                {
                    yield break;
                }

                yield return change;
            }

            await _wake.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private bool TryTake(out CacheChange change, out bool isOver)
    {
        lock (_gate)
        {
            isOver = false;
            if (_changes.TryDequeue(out change))
            {
                return true;
            }

            if (_isCut)
            {
                // What is left out from here on comes after it, so it is told anew.
                _isCut = false;
                change = new CacheChange(CacheChangeType.Gap, root, null, null);
                return true;
            }

            isOver = _isOver;
            return isOver;
        }
    }
}
