namespace RingKeeper.Cli.Doctor;

/// <summary>What a check found. Pure.</summary>
/// <param name="Code">A short name of its kind that never changes, such as <c>same-server</c>.</param>
/// <param name="Level">How good or bad it is.</param>
/// <param name="Text">What was seen; where nothing was, why not.</param>
/// <param name="Remedy">What to do; null where all is well.</param>
internal sealed record Finding(string Code, FindingLevel Level, string Text, string? Remedy)
{
    public static Finding Ok(string code, string measured) => new(code, FindingLevel.Ok, measured, null);

    public static Finding Note(string code, string text, string remedy) => new(code, FindingLevel.Note, text, remedy);

    public static Finding Warning(string code, string text, string remedy) => new(code, FindingLevel.Warning, text, remedy);

    public static Finding Critical(string code, string text, string remedy) => new(code, FindingLevel.Critical, text, remedy);

    public static Finding NotChecked(string code, string why, string remedy) => new(code, FindingLevel.NotChecked, why, remedy);

    public static Finding Of(FleetAlarm alarm) => new(
        alarm.Code,
        alarm.Level switch { FleetAlarmLevel.Critical => FindingLevel.Critical, FleetAlarmLevel.Warning => FindingLevel.Warning, _ => FindingLevel.Note },
        alarm.Text,
        alarm.Remedy);
}
