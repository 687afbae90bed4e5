namespace RingKeeper.Simulator;

/// <summary>Counts the faults of a run by kind.</summary>
internal sealed class FaultCounter
{
    private readonly long[] _counts = new long[Enum.GetValues<FaultKind>().Length];

    /// <summary>Whether what happens now is a fault, or the quiet at the end of a run.</summary>
    public bool IsOn { get; set; } = true;

    public long Total { get; private set; }

    public long this[FaultKind kind] => _counts[(int)kind];

    public void Count(FaultKind kind)
    {
        if (IsOn)
        {
            _counts[(int)kind]++;
            Total++;
        }
    }

    public void Add(FaultCounter other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Total += other.Total;
    }
}
