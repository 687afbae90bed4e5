namespace RingKeeper;

/// <summary>
/// Says when the difference to another clock is an alarm: while it is above half of the tolerance for certain. A reading too vague to tell neither raises nor ends
/// it. Pure.
/// </summary>
internal sealed class ClockPolicy
{
    /// <summary>Whether the alarm stands.</summary>
    public bool IsAlarm { get; private set; }

    /// <summary>Hears a reading.</summary>
    /// <param name="reading">The reading.</param>
    /// <param name="tolerance">By how much clocks may differ.</param>
    /// <returns>What it changes.</returns>
    public ClockChange Hear(ClockReading reading, TimeSpan tolerance)
    {
        var most = tolerance / 2;
        var size = reading.Difference.Duration();
        var isOff = size - reading.Uncertainty > most;
        var isFine = size + reading.Uncertainty <= most;
        if (IsAlarm ? !isFine : !isOff)
        {
            return ClockChange.None;
        }

        IsAlarm = isOff;
        return isOff ? ClockChange.Begins : ClockChange.Ends;
    }
}

/// <summary>What a reading does to the alarm of a clock.</summary>
internal enum ClockChange
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The clocks differ too much from now on.</summary>
    Begins,

    /// <summary>They agree again.</summary>
    Ends,
}
