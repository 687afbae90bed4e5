namespace RingKeeper.ZooKeeper.Session;

/// <summary>Lets one at a time write, and has it look again when somebody came meanwhile. Takes no lock.</summary>
internal sealed class WriteGate
{
    private const int Idle = 0;
    private const int Writing = 1;
    private const int WritingWithMore = 2;

    private int _state;

    /// <summary>Enters, or notes for whoever writes that there is more.</summary>
    public bool TryEnterOrNote()
    {
        while (true)
        {
            switch (Interlocked.CompareExchange(ref _state, Writing, Idle))
            {
                case Idle:
                    return true;
                case WritingWithMore:
                    return false;
                default:
                    if (Interlocked.CompareExchange(ref _state, WritingWithMore, Writing) != Idle)
                    {
                        return false;
                    }

                    break;
            }
        }
    }

    /// <summary>Leaves; false when somebody came since this was asked last, so that there is more to write.</summary>
    public bool TryLeave()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Writing) == Writing)
        {
            return true;
        }

        // A full fence: what somebody noted before is looked for only after this is seen by whoever notes next.
        Interlocked.Exchange(ref _state, Writing);
        return false;
    }
}
