using System.Globalization;
using RingKeeper.Cli.Commands;
using RingKeeper.Cli.Demo;

namespace RingKeeper.Cli.Handlers;

/// <summary>Plays the demo and says what it measured; done only if nothing stale or wrong was read.</summary>
internal static class DemoHandler
{
    public static async Task<int> RunAsync(DemoRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        // With --json the result is one object on standard output, and what happens goes to standard error.
        var report = await new DemoRun(request, request.Json ? output.WriteDiagnostic : output.WriteLine).RunAsync(cancellationToken);
        if (request.Json)
        {
            output.WriteJson(report);
        }
        else
        {
            Write(report, output);
        }

        return report.Ok ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Write(DemoReport report, CliOutput output)
    {
        output.WriteLine("");
        output.WriteTable(
            ["measured", ""],
            [
                ["time to agree on the death", Ms(report.DetectedMs)],
                ["time to fail over", Ms(report.FailoverMs)],
                ["time to return", Ms(report.ReturnMs)],
                ["time to add a shard", Ms(report.AddMs)],
                ["time to remove it", Ms(report.RemoveMs)],
                ["operations", $"{report.Operations} in {report.Seconds.ToString("0.0", CultureInfo.InvariantCulture)} s: {report.Writes} writes, {report.FreshReads} fresh reads, {report.Misses} misses"],
                ["outdated copies met, taken for misses", $"{report.OutdatedCopiesRefused}"],
                ["reads under a view about to change", $"{report.LaggingReads}"],
                ["delayed writes refused", $"{report.WritesRefused}"],
                ["errors", report.Errors == 0 ? "0" : $"{report.Errors} ({string.Join(", ", report.ErrorsByType.Select(e => $"{e.Value} {e.Key}"))})"],
                ["stale reads", $"{report.StaleReads}"],
                ["wrong reads", $"{report.WrongReads}"],
            ]);
        foreach (var line in report.Broken)
        {
            output.WriteDiagnostic(line);
        }

        output.WriteLine(report.Ok ? "Nothing stale and nothing wrong was read." : "The promise was broken: see the stale and wrong reads above.");
    }

    private static string Ms(double? milliseconds) => $"{milliseconds?.ToString("0", CultureInfo.InvariantCulture)} ms";
}
