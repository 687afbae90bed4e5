namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// Notices that every server takes the connection and closes it without a word. That is how a server answers a client that has seen
/// a later zxid than itself: the ensemble lost its data, or was restored from an older copy. A server that is not reached or
/// answers otherwise says nothing of the kind, and may be the one that holds the data.
/// </summary>
internal sealed class SilentCloseDetector(int serverCount)
{
    // One outage or overload can close all connections once; thrice around, with pauses, is no accident.
    private const int ConvincingCycles = 3;

    private readonly HashSet<ServerAddress> _closedInCycle = [];
    private int _cycles;
    private bool _isReported;

    /// <summary>Gets a value indicating whether, since the count was begun, enough full cycles of servers brought nothing but silent closes.</summary>
    public bool IsConvinced => _cycles >= ConvincingCycles;

    /// <summary>Gets a value indicating whether a full cycle brought nothing but silent closes, and no server has answered since.</summary>
    public bool IsReported => _isReported;

    /// <summary>Notes a silent close; true when it completes the first full cycle since an answer.</summary>
    public bool NoteSilentClose(ServerAddress server)
    {
        _closedInCycle.Add(server);
        if (_closedInCycle.Count < serverCount)
        {
            return false;
        }

        _closedInCycle.Clear();
        _cycles++;
        var isFirst = !_isReported;
        _isReported = true;
        return isFirst;
    }

    /// <summary>Begins to count anew: a server failed otherwise, or the session was given up and what came before it says nothing of the next.</summary>
    public void BeginCount()
    {
        _closedInCycle.Clear();
        _cycles = 0;
    }

    public void NoteAnswer()
    {
        BeginCount();
        _isReported = false;
    }
}
