using System.Globalization;
using System.Text.RegularExpressions;

namespace RingKeeper.Cli.Doctor;

/// <summary>
/// Whether the checkers run on machines of their own. Their znodes do not say where they run; only an id that a checker made for itself begins with the name of its machine.
/// </summary>
internal sealed partial class CheckerHostsCheck : IDoctorCheck
{
    public string Name => "checkers' machines";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        if (facts.Fleet.Value is not { } fleet)
        {
            return [facts.Unread("checker-hosts")];
        }

        var checkers = fleet.Checkers.Where(static checker => checker.Counts).ToList();
        var machines = checkers.Select(static checker => MachineOf(checker.Checker)).ToList();
        if (checkers.Count < 2)
        {
            return [Finding.NotChecked("checker-hosts", string.Create(CultureInfo.InvariantCulture, $"{checkers.Count} checker(s): nothing to compare"), $"run {FleetAlarms.FewCheckers} or more, on machines of their own")];
        }

        if (machines.Contains(null))
        {
            return [Finding.NotChecked(
                "checker-hosts",
                $"where {string.Join(", ", checkers.Where(static checker => MachineOf(checker.Checker) is null).Select(static checker => checker.Name))} run(s) is not known: no znode holds it, and an id that was given says nothing",
                "look at the machines: 'cons' of each ZooKeeper server lists where sessions come from; one machine with a majority of the checkers decides alone, and its loss ends all decisions")];
        }

        var most = machines.OfType<string>().CountBy(static machine => machine, StringComparer.Ordinal).MaxBy(static pair => pair.Value);
        return most.Value > checkers.Count / 2
            ? [Finding.Warning(
                "one-host", string.Create(CultureInfo.InvariantCulture, $"{most.Value} of {checkers.Count} checkers run on {most.Key}, by the machine names in their ids: its network is what decides, and its loss ends all decisions"),
                "run each on a machine of its own")]
            : [Finding.Ok("checker-hosts", $"the ids name {string.Join(", ", machines.Distinct(StringComparer.Ordinal))}; whether containers share a machine no name tells")];
    }

    // As CheckerIdentity makes them: machine, process, count, eight hexadecimal digits.
    private static string? MachineOf(string? id) => id is not null && Made().Match(id) is { Success: true } match ? match.Groups["machine"].Value : null;

    [GeneratedRegex(@"^(?<machine>.+)-\d+-\d+-[0-9a-f]{8}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Made();
}
