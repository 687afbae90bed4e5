using RingKeeper.Cli.Commands;

namespace RingKeeper.Cli.Doctor;

/// <summary>Examines a cluster and tells what it found; a server that cannot be asked is a finding.</summary>
internal static class DoctorHandler
{
    public static async Task<int> RunAsync(DoctorRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        var facts = await new Examination(request, TimeProvider.System).RunAsync(cancellationToken);
        var report = DoctorReport.Of(facts, DoctorChecks.All);
        report.Write(request.Json, output);
        return report.IsWell ? ExitCodes.Done : ExitCodes.Failed;
    }
}
