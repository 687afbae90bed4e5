using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>ring compare</c> was asked.</summary>
internal sealed record CompareRingsRequest(IReadOnlyList<string> Names, int RingParams, bool Json);

internal static class CompareRingsCommand
{
    public static Command Build(CliContext context, CommandHandler<CompareRingsRequest> handler)
    {
        var names = new Option<string[]>("--shard")
        {
            Description = "The name of a shard; once for each, at least two.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true, Required = true,
        };
        names.Validators.Add(static result =>
        {
            var given = result.Tokens.Select(static token => token.Value).ToList();
            if (given.Distinct(StringComparer.Ordinal).Count() < Math.Max(2, given.Count) || given.Contains("", StringComparer.Ordinal))
            {
                result.AddError("--shard: give at least two names, all different.");
            }
        });
        var points = Arguments.Count("--ring-params", "Points of each shard on the rings that have points.", standard: 160, least: 4, most: Arguments.MostPoints);
        var json = Arguments.Json();
        return context.Bind(
            new Command("compare", "Shows how evenly each type of ring would spread keys over shards of these names.") { names, points, json },
            parsed => new CompareRingsRequest(parsed.GetRequiredValue(names), parsed.GetValue(points), parsed.GetValue(json)),
            handler,
            "ringkeeper ring compare --shard cache1 cache2 cache3");
    }
}
