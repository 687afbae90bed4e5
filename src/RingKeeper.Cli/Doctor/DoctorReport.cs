using System.Globalization;

namespace RingKeeper.Cli.Doctor;

/// <summary>What all checks found, the worst first. Pure.</summary>
internal sealed class DoctorReport
{
    private readonly string _name;

    private DoctorReport(string name, IReadOnlyList<(string Check, Finding Finding)> findings) => (_name, Findings) = (name, findings);

    /// <summary>Gets the findings with the names of their checks.</summary>
    public IReadOnlyList<(string Check, Finding Finding)> Findings { get; }

    /// <summary>Gets whether nothing is worse than a note; what could not be checked is not.</summary>
    public bool IsWell => Findings.All(static one => one.Finding.Level < FindingLevel.Warning);

    /// <summary>Lets every check judge.</summary>
    public static DoctorReport Of(DoctorFacts facts, IReadOnlyList<IDoctorCheck> checks) => new(
        facts.Name, [.. checks.SelectMany(check => check.Judge(facts).Select(finding => (check.Name, finding))).OrderByDescending(static one => one.finding.Level)]);

    public void Write(bool json, CliOutput output)
    {
        if (json)
        {
            output.WriteJson(Shape());
            return;
        }

        foreach (var (check, finding) in Findings)
        {
            output.WriteLine($"{Word(finding.Level),-11}  {finding.Code,-22}  {check}: {finding.Text}");
            if (finding.Remedy is { } remedy)
            {
                output.WriteLine($"{"",-11}  {"",-22}  -> {remedy}");
            }
        }

        output.WriteLine($"{_name}: {string.Join(", ", Enum.GetValues<FindingLevel>().Reverse().Select(level => string.Create(CultureInfo.InvariantCulture, $"{Count(level)} {Word(level)}")))}");
    }

    private int Count(FindingLevel level) => Findings.Count(one => one.Finding.Level == level);

    private object Shape() => new
    {
        Cluster = _name,
        IsWell,
        Critical = Count(FindingLevel.Critical),
        Warnings = Count(FindingLevel.Warning),
        NotChecked = Count(FindingLevel.NotChecked),
        Notes = Count(FindingLevel.Note),
        Ok = Count(FindingLevel.Ok),
        Findings = Findings.Select(static one => new { one.Check, one.Finding.Code, one.Finding.Level, one.Finding.Text, one.Finding.Remedy }),
    };

    private static string Word(FindingLevel level) => level switch { FindingLevel.Ok => "ok", FindingLevel.Note => "note", FindingLevel.NotChecked => "not checked", FindingLevel.Warning => "warning", _ => "critical" };
}
