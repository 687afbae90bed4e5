namespace RingKeeper;

/// <summary>Something about a cluster that a person should know, with what to do about it. Pure.</summary>
/// <param name="Code">A short name of its kind that never changes, such as <c>brake</c>.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Text">What is so.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record FleetAlarm(string Code, FleetAlarmLevel Level, string Text, string Remedy);

/// <summary>How bad an alarm is.</summary>
internal enum FleetAlarmLevel
{
    /// <summary>Worth knowing; nothing is wrong now.</summary>
    Note,

    /// <summary>Something will go wrong with the next fault.</summary>
    Warning,

    /// <summary>Something is wrong now.</summary>
    Critical,
}
