using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>ring verify</c> was asked.</summary>
internal sealed record VerifyRingRequest(string File, bool Json);

internal static class VerifyRingCommand
{
    public static Command Build(CliContext context, CommandHandler<VerifyRingRequest> handler)
    {
        var file = new Argument<string>("FILE") { Description = "Vectors written by another implementation, as JSON." };
        var json = Arguments.Json();
        return context.Bind(
            new Command("verify", "Builds every ring of a file of vectors and compares where its keys fall.") { file, json },
            parsed => new VerifyRingRequest(parsed.GetRequiredValue(file), parsed.GetValue(json)),
            handler,
            "ringkeeper ring verify ring-vectors.json");
    }
}
