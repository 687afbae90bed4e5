using RingKeeper.IntegrationTests.Docs;

namespace RingKeeper.IntegrationTests.Packages;

/// <summary>The commands of docs/packages.md, which the tests run with other folders and another version.</summary>
internal static class PackagesPage
{
    public const string File = "docs/packages.md";

    /// <summary>How the commands begin that are run, or, the last, whose variable is set.</summary>
    public static readonly IReadOnlyList<string> Known =
        ["dotnet pack ", "dotnet run ", "dotnet publish ", "dotnet tool install ", "artifacts/tools/ringkeeper ", "export RestoreAdditionalProjectSources="];

    public static IReadOnlyList<string> Lines => [.. PageCode.Blocks(File, "sh").SelectMany(static block => block)];

    /// <summary>The words of the one command that begins so.</summary>
    /// <param name="start">One of <see cref="Known"/>.</param>
    /// <param name="replaced">What stands on the page, and what the tests put there.</param>
    public static string[] Command(string start, params (string Word, string By)[] replaced)
    {
        var line = Lines.Single(line => line.StartsWith(start, StringComparison.Ordinal));
        return [.. line.Split(' ').Select(word => replaced.Aggregate(word, static (now, change) => now.StartsWith(change.Word, StringComparison.Ordinal) ? change.By + now[change.Word.Length..] : now))];
    }
}
