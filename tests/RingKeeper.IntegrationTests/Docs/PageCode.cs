using System.Runtime.CompilerServices;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>Reads the code out of a page of the documentation.</summary>
internal static class PageCode
{
    /// <summary>The C# lines of a page that do not stand in source files; blank space around a line does not count.</summary>
    /// <param name="page">The page, from the root of the repository.</param>
    /// <param name="adapt">What the files do to a line to run it, such as another address.</param>
    /// <param name="sourceFiles">The files that compile and run them, from the root of the repository.</param>
    public static IReadOnlyList<string> MissingLines(string page, Func<string, string> adapt, params string[] sourceFiles)
    {
        var source = sourceFiles.SelectMany(file => File.ReadAllLines(PathOf(file))).Select(line => line.Trim()).ToHashSet();
        var code = Blocks(page, "csharp").SelectMany(block => block).Select(line => adapt(line.Trim())).Where(line => line.Length > 0).ToList();
        return code.Count < 10
            ? throw new InvalidOperationException($"{page} has only {code.Count} lines of C#: its blocks are no longer marked as expected.")
            : [.. code.Where(line => !source.Contains(line))];
    }

    /// <summary>The code blocks of a page in one language.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Blocks(string page, string language)
    {
        var blocks = new List<IReadOnlyList<string>>();
        List<string>? block = null;
        var inside = false;
        foreach (var line in File.ReadAllLines(PathOf(page)))
        {
            if (!line.StartsWith("```", StringComparison.Ordinal))
            {
                block?.Add(line);
                continue;
            }

            inside = !inside;
            block = inside && line == $"```{language}" ? [] : null;
            if (block is not null)
            {
                blocks.Add(block);
            }
        }

        return blocks;
    }

    /// <summary>Where a file of the repository is.</summary>
    public static string PathOf(string file) => Path.GetFullPath(Path.Combine(Folder(), "..", "..", "..", file));

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
