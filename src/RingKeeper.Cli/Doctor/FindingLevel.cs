namespace RingKeeper.Cli.Doctor;

/// <summary>How good or bad what a check found is; the worse is greater.</summary>
internal enum FindingLevel
{
    /// <summary>It was looked at, and is as it should be.</summary>
    Ok,

    /// <summary>Worth knowing; nothing is wrong.</summary>
    Note,

    /// <summary>It could not be looked at: nothing is known of it, good or bad.</summary>
    NotChecked,

    /// <summary>Something will go wrong with the next fault.</summary>
    Warning,

    /// <summary>Something is wrong now.</summary>
    Critical,
}
