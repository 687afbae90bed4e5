namespace RingKeeper.Simulator;

/// <summary>Virtual time: what is due, run one by one in the order of its time and, at one time, of its entry. One thread alone.</summary>
internal sealed class Agenda
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private Entry[] _heap = new Entry[1024];
    private int _count;
    private long _entered;

    /// <summary>The present time, in ticks of 100 ns since the start.</summary>
    public long Now { get; private set; }

    /// <summary>How many entries were run.</summary>
    public long Steps { get; private set; }

    public TimeSpan Elapsed => TimeSpan.FromTicks(Now);

    public void After(TimeSpan delay, Action run) => At(Now + Math.Max(0, delay.Ticks), run);

    public void At(long due, Action run)
    {
        AssertThread();
        if (_count == _heap.Length)
        {
            Array.Resize(ref _heap, _count * 2);
        }

        var entry = new Entry(Math.Max(due, Now), _entered++, run);
        var at = _count++;
        while (at > 0 && entry.IsBefore(_heap[(at - 1) / 2]))
        {
            _heap[at] = _heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        _heap[at] = entry;
    }

    /// <summary>Runs what is due until the time is reached or the condition holds.</summary>
    public void RunUntil(long end, Func<bool>? isEnough = null)
    {
        while (_count > 0 && _heap[0].Due <= end)
        {
            var next = Take();
            Now = next.Due;
            Steps++;
            next.Run();
            if (isEnough?.Invoke() == true)
            {
                return;
            }
        }

        Now = Math.Max(Now, end);
    }

    /// <summary>Whatever the rules under test do, they must do on the simulation's own thread: another one would make a run irreproducible.</summary>
    public void AssertThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException("A continuation ran on another thread than the simulation's: something posts to the thread pool.");
        }
    }

    private Entry Take()
    {
        var first = _heap[0];
        var last = _heap[--_count];
        _heap[_count] = default;
        var at = 0;
        while ((2 * at) + 1 < _count)
        {
            var child = (2 * at) + 1;
            if (child + 1 < _count && _heap[child + 1].IsBefore(_heap[child]))
            {
                child++;
            }

            if (!_heap[child].IsBefore(last))
            {
                break;
            }

            _heap[at] = _heap[child];
            at = child;
        }

        if (_count > 0)
        {
            _heap[at] = last;
        }

        return first;
    }

    private readonly record struct Entry(long Due, long Number, Action Run)
    {
        public bool IsBefore(in Entry other) => Due < other.Due || (Due == other.Due && Number < other.Number);
    }
}
