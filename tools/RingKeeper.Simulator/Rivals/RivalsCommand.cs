using System.Globalization;
using System.Text;
using RingKeeper.Simulator.Caches;

namespace RingKeeper.Simulator.Rivals;

/// <summary>The command <c>rivals</c>.</summary>
internal static class RivalsCommand
{
    public const string Usage =
        """
          rivals [--seed N] [--runs N] [--write]  what clients read under RingKeeper's rule and others', over the same faults: a table, with --write
                                                  also in docs/guarantees.md
        """;

    private const string Begin = "<!-- table -->";
    private const string End = "<!-- end of table -->";
    private const int DefaultRuns = 12;

    // What clients read is compared here; what checkers do is judged elsewhere.
    private static readonly Law[] OfCheckers = [.. Enum.GetValues<Law>().Where(static l => l < Law.NoStepFails)];

    private static readonly (CacheRule Rule, string Name)[] Rules =
    [
        (CacheRule.RingKeeper, "RingKeeper"),
        (CacheRule.GoPackage, "Go package"),
        (CacheRule.GoRedisRing, "go-redis Ring"),
        (CacheRule.Twemproxy, "twemproxy, `auto_eject_hosts`"),
    ];

    public static int Run(string[] arguments, TextWriter output, TextWriter errors)
    {
        var (seed, runs, write) = (1, DefaultRuns, false);
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--seed" when i + 1 < arguments.Length && int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out seed):
                case "--runs" when i + 1 < arguments.Length && int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out runs) && runs > 0:
                    i++;
                    break;
                case "--write":
                    write = true;
                    break;
                default:
                    errors.WriteLine($"What {arguments[i]} wants is missing or not understood.{Environment.NewLine}{Usage}");
                    return 2;
            }
        }

        var table = Table(seed, runs);
        output.Write(table);
        if (write)
        {
            var page = Path.Combine(FindRoot(Environment.CurrentDirectory), "docs", "guarantees.md");
            File.WriteAllText(page, Fill(File.ReadAllText(page), table));
            output.WriteLine($"Written: {page}");
        }

        return 0;
    }

    /// <summary>What clients read by one rule in one scene.</summary>
    public static CacheTally Measure(CacheRule rule, RivalScene scene, int firstSeed, int runs)
    {
        var result = RunBatch.Run(firstSeed, runs, long.MaxValue, seed => new SimulationOptions(seed, scene.Profile) { Rule = rule, IsCompared = true, FlapPolicy = FlapPolicy.Off, Waived = OfCheckers });
        return result.Broken is null ? result.Cache : throw new InvalidOperationException($"A run broke a law: {string.Join(Environment.NewLine, result.Describe())}");
    }

    private static string Table(int seed, int runs)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"| Rule | {string.Join(" | ", RivalScene.All.Select(static s => s.Name))} |\n|---|{string.Concat(RivalScene.All.Select(static _ => "---|"))}\n");
        foreach (var (rule, name) in Rules)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", RivalScene.All.Select(scene => Cell(Measure(rule, scene, seed, runs))))} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\nSeeds {seed} to {seed + runs - 1}, each scene {runs} runs of at least 90 s of virtual time with four clients.\n");
        return text.ToString();
    }

    private static string Cell(CacheTally tally) => string.Create(
        CultureInfo.InvariantCulture,
        $"**{tally.AgreedStale:#,0}** of {tally.AgreedHits:#,0}; {tally.Stale:#,0} of {tally.Hits:#,0}; {100.0 * tally.Hits / Math.Max(1, tally.Reads):0} % hit");

    private static string Fill(string page, string table)
    {
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        return begin < 0 || end < begin
            ? throw new InvalidDataException($"The page has no place for the table: a line {Begin} and, after it, a line {End}.")
            : $"{page[..(begin + Begin.Length)]}\n\n{table}\n{page[end..]}";
    }

    private static string FindRoot(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "RingKeeper.slnx")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"{folder} is not inside the repository; --write needs to be run there.");
    }
}
