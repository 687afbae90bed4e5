using RingKeeper.Cli.Commands;

namespace RingKeeper.Cli.Handlers;

/// <summary>Compares our rings with those of a file of vectors.</summary>
internal static class VerifyRingHandler
{
    public static Task<int> RunAsync(VerifyRingRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        var report = RingVectors.Verify(request.File);
        foreach (var mismatch in report.Rings.SelectMany(ring => ring.FirstMismatches))
        {
            output.WriteDiagnostic(mismatch);
        }

        if (report is { Matched: 0, Mismatched: 0 })
        {
            output.WriteDiagnostic($"The vector file '{request.File}' holds nothing to compare. Name a file of ring vectors.");
        }

        Write(report, request, output);
        return Task.FromResult(report is { Matched: > 0, Mismatched: 0 } ? ExitCodes.Done : ExitCodes.Failed);
    }

    private static void Write(RingVectorReport report, VerifyRingRequest request, CliOutput output)
    {
        if (request.Json)
        {
            output.WriteJson(new
            {
                report.Matched,
                report.Mismatched,
                Rings = report.Rings.Select(ring => new { ring.Ring, ring.Matched, ring.Mismatched }),
            });
            return;
        }

        output.WriteTable(
            ["ring", "matched", "mismatched"],
            [.. report.Rings.Select(ring => (string[])[ring.Ring, $"{ring.Matched}", $"{ring.Mismatched}"])]);
        output.WriteLine($"{report.Matched} matched, {report.Mismatched} mismatched");
    }
}
