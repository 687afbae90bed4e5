using System.Text;
using RingKeeper.Cli.Commands;
using RingKeeper.Cli.Documents;

namespace RingKeeper.Cli.Handlers;

/// <summary>Makes clusters be as documents say: shows what changes and which keys move, asks, and writes each cluster in one step.</summary>
internal static class ApplyClustersHandler
{
    public static async Task<int> RunAsync(ApplyClustersRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        var documents = ClusterDocumentReader.Read(DocumentFile.NameOf(request.File), await DocumentFile.ReadAsync(request.File, request.Input, cancellationToken));
        await using var manager = await ZKManager.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        var names = await manager.GetNamesAsync(cancellationToken);
        var plans = new List<ClusterPlan>();
        foreach (var document in documents)
        {
            var present = names.Contains(document.Name) ? await manager.GetClusterAsync(document.Name, cancellationToken) : null;
            plans.Add(ClusterPlan.Make(document, present));
        }

        ApplyReport.Write(plans, request.Json, output);
        var changes = plans.Where(static plan => !plan.Diff.IsEmpty).ToList();
        if (request.DryRun || changes.Count == 0)
        {
            return ExitCodes.Done;
        }

        if (!request.Yes && !await MayWriteAsync(request, changes, output, cancellationToken))
        {
            return ExitCodes.Failed;
        }

        foreach (var plan in changes)
        {
            ApplyReport.WriteDone(plan, await WriteAsync(manager, plan, cancellationToken), request.Json, output);
        }

        return ExitCodes.Done;
    }

    // The revision that was read goes along: what somebody else changed since makes the update fail.
    private static Task<ZKClusterInfo> WriteAsync(ZKManager manager, ClusterPlan plan, CancellationToken cancellationToken) => plan.Present is { } present
        ? manager.UpdateClusterAsync(present with { Options = plan.Document.Options, Shards = plan.Document.Shards }, cancellationToken)
        : manager.CreateClusterAsync(plan.Document.Name, plan.Document.Shards, plan.Document.Options, cancellationToken);

    private static async Task<bool> MayWriteAsync(ApplyClustersRequest request, List<ClusterPlan> changes, CliOutput output, CancellationToken cancellationToken)
    {
        if (!request.CanAsk || request.File == DocumentFile.StandardInput)
        {
            var moving = changes.Where(static plan => plan.MovesKeys).Select(static plan => $"'{plan.Document.Name}'").ToList();
            return moving.Count == 0
                ? true
                : throw new RingKeeperException($"Keys of {string.Join(", ", moving)} would move, and there is nobody to ask; nothing was written. Add --yes to do it, or --dry-run to look only.");
        }

        output.WriteDiagnostic("Write these changes? [y/N]");

        // A terminal's read cannot be cancelled; it is left behind where Ctrl-C ends the command.
        var answer = await Task.Run(() => ReadAnswer(request.Input), cancellationToken).WaitAsync(cancellationToken);
        if (answer?.Trim().ToUpperInvariant() is "Y" or "YES")
        {
            return true;
        }

        output.WriteDiagnostic("Nothing was written.");
        return false;
    }

    private static string? ReadAnswer(TextReader input)
    {
        try
        {
            return input.ReadLine();
        }
        catch (DecoderFallbackException)
        {
            // Keys that make no text are no yes.
            return null;
        }
    }
}
