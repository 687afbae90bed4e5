using System.Globalization;
using System.Text;

namespace RingKeeper.Simulator.Detectors;

/// <summary>The tables of a bake-off, as Markdown.</summary>
internal static class BakeOffTable
{
    private const string Never = "never";

    public static string Write(BakeOffReport report)
    {
        Contender[] columns = [.. report.Contenders.Where(static contender => contender.IsDefault)];
        var text = new StringBuilder();
        var generated = report.Classes.First(static kind => !kind.IsRecorded);
        var days = report.Of(columns[0], generated).Healthy.TotalDays;
        text.AppendLine(CultureInfo.InvariantCulture, $"Seed {report.Seed}, {report.Traces} traces of each generated kind, {days:0.0} days of probing a kind and detector.");
        text.AppendLine().AppendLine("From the loss until it is noticed, in seconds: median / 99th percentile (share never noticed).").AppendLine();
        Table(text, report, columns, report.Classes, static tally => $"{Seconds(tally.Detection(0.5))} / {Seconds(tally.Detection(0.99))}{Missed(tally)}");
        text.AppendLine().AppendLine("False deaths a day (seconds a day for which a living server was held for dead).").AppendLine();
        Table(text, report, columns, [.. report.Classes.Where(static kind => !kind.IsRecorded)], static tally => $"{Number(tally.FalseDeathsPerDay)} ({Number(tally.FalselyDead.TotalSeconds / tally.Healthy.TotalDays)})");
        text.AppendLine().AppendLine("False deaths a million probes.").AppendLine();
        Table(text, report, columns, report.Classes, static tally => Number(tally.FalseDeathsPerMillionProbes));
        text.AppendLine().AppendLine("Every setting: median seconds to notice a hang under all disturbances, and a crash; false deaths a day made of equal parts of all disturbances.").AppendLine();
        text.AppendLine("| detector | setting | hang | crash | false deaths a day |").AppendLine("|---|---|---|---|---|");
        foreach (var point in report.Curve())
        {
            text.AppendLine($"| {point.Contender.Family} | {point.Contender.Setting} | {Seconds(point.Hang)} | {Seconds(point.Crash)} | {Number(point.FalseDeathsPerDay)} |");
        }

        return text.ToString();
    }

    public static string Seconds(TimeSpan? time) => time is { } known ? known.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture) : Never;

    public static string Number(double value) => value.ToString(value is > 0 and < 10 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Missed(DetectionTally tally) =>
        tally.Missed == 0 ? "" : $" ({(100.0 * tally.Missed / tally.Traces).ToString("0", CultureInfo.InvariantCulture)} % {Never})";

    private static void Table(StringBuilder text, BakeOffReport report, IReadOnlyList<Contender> columns, IReadOnlyList<TraceClass> rows, Func<DetectionTally, string> cell)
    {
        text.AppendLine($"| trace | {string.Join(" | ", columns.Select(static column => column.Name))} |");
        text.AppendLine($"|---|{string.Concat(columns.Select(static _ => "---|"))}");
        foreach (var row in rows)
        {
            text.AppendLine($"| {row.Name} | {string.Join(" | ", columns.Select(column => cell(report.Of(column, row))))} |");
        }
    }
}
