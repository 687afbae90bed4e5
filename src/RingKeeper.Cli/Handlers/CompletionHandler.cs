using RingKeeper.Cli.Commands;

namespace RingKeeper.Cli.Handlers;

/// <summary>Prints the script of a shell.</summary>
internal static class CompletionHandler
{
    public static Task<int> RunAsync(CompletionRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        foreach (var line in CompletionScripts.Of(request.Shell).Split('\n'))
        {
            output.WriteLine(line);
        }

        return Task.FromResult(ExitCodes.Done);
    }
}
