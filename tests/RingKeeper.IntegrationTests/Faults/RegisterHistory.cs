namespace RingKeeper.IntegrationTests.Faults;

/// <summary>All that was written to one key and read from it, for a judgement afterwards. Any client may write.</summary>
internal sealed class RegisterHistory(string key)
{
    private readonly Lock _gate = new();
    private readonly List<Written> _writes = [];
    private readonly List<Read> _reads = [];

    public string Key => key;

    public IReadOnlyList<Written> Writes => _writes;

    public IReadOnlyList<Read> Reads => _reads;

    /// <summary>Begins a write; the number that it is known by is its place in <see cref="Writes"/>.</summary>
    public int Begin(long now, ViewVersions view)
    {
        lock (_gate)
        {
            _writes.Add(new Written(now, long.MaxValue, view));
            return _writes.Count - 1;
        }
    }

    public void Acknowledge(int number, long now)
    {
        lock (_gate)
        {
            _writes[number] = _writes[number] with { Ended = now };
        }
    }

    /// <summary>Notes a hit.</summary>
    /// <param name="number">The number of the write that it gave; -1 where it gave what nobody ever wrote here.</param>
    /// <param name="begun">When the read began.</param>
    /// <param name="ended">When it ended.</param>
    /// <param name="view">The reader's view when it began.</param>
    public void NoteRead(int number, long begun, long ended, ViewVersions view)
    {
        lock (_gate)
        {
            _reads.Add(new Read(number, begun, ended, view));
        }
    }

    /// <param name="Begun">When it began, µs.</param>
    /// <param name="Ended">When it was acknowledged; never where it was not, for then it may be applied at any time.</param>
    /// <param name="View">The writer's view when it began.</param>
    internal readonly record struct Written(long Begun, long Ended, ViewVersions View);

    internal readonly record struct Read(int Number, long Begun, long Ended, ViewVersions View);
}
