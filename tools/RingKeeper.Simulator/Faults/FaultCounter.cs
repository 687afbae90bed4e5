namespace RingKeeper.Simulator;

/// <summary>Counts the faults of a run by kind.</summary>
internal sealed class FaultCounter
{
    private readonly long[] _counts = new long[Enum.GetValues<FaultKind>().Length];

    /// <summary>Whether what happens now is a fault, or the quiet at the end of a run.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary>How many were made to happen; what only shows them is not among these.</summary>
    public long Total { get; private set; }

    /// <summary>How many of these befell single messages to or from ZooKeeper.</summary>
    public long OfMessages => this[FaultKind.MessageLate] + this[FaultKind.RequestLost] + this[FaultKind.ReplyLost];

    public long this[FaultKind kind] => _counts[(int)kind];

    public void Count(FaultKind kind)
    {
        if (IsOn)
        {
            _counts[(int)kind]++;
            Total += IsEffect(kind) ? 0 : 1;
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

    private static bool IsEffect(FaultKind kind) => kind is FaultKind.ProbeFailed or FaultKind.ProbeSlow or FaultKind.SessionExpired or FaultKind.GoDecision or FaultKind.DataKept or FaultKind.DataLost or FaultKind.DataRolledBack;
}
