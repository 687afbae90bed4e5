using System.Globalization;

namespace RingKeeper.Simulator.Detectors;

/// <summary>The command <c>detectors</c>.</summary>
internal static class DetectorsCommand
{
    public const string Usage =
        """
          detectors [--seed N] [--traces N] [--write]  failure detectors side by side over generated and recorded traces: tables, and with
                                                       --write also docs/detectors.svg and the tables of docs/detectors.md
          detectors --record FILE [--scene NAME]       records a trace from a redis-server that is started for it; NAME is idle, busy or sleeps
        """;

    private const int DefaultSeed = 1;
    private const int DefaultTraces = 150;
    private const string Begin = "<!-- tables -->";
    private const string End = "<!-- end of tables -->";

    public static async Task<int> RunAsync(string[] args)
    {
        var (seed, traces, write, file, scene) = (DefaultSeed, DefaultTraces, false, (string?)null, RecordedScene.Idle);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--seed" when i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out seed):
                    i++;
                    break;
                case "--traces" when i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out traces) && traces > 0:
                    i++;
                    break;
                case "--write":
                    write = true;
                    break;
                case "--record" when i + 1 < args.Length:
                    file = args[++i];
                    break;
                case "--scene" when i + 1 < args.Length && RecordedScene.All.FirstOrDefault(one => one.Name == $"recorded {args[i + 1]}") is { } named:
                    scene = named;
                    i++;
                    break;
                default:
                    await Console.Error.WriteLineAsync($"What {args[i]} wants is missing or not understood.{Environment.NewLine}{Usage}");
                    return 2;
            }
        }

        if (file is not null)
        {
            return await RecordAsync(file, scene);
        }

        var report = BakeOff.Run(seed, traces, Contender.All, TraceFile.Carried());
        Console.Write(BakeOffTable.Write(report));
        if (write)
        {
            await WriteAsync(report, FindRoot(Environment.CurrentDirectory));
        }

        return 0;
    }

    /// <summary>Puts the tables of a report into a page, between its marks.</summary>
    /// <exception cref="InvalidDataException">The page has no marks.</exception>
    public static string Fill(string page, BakeOffReport report)
    {
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        return begin < 0 || end < begin
            ? throw new InvalidDataException($"The page has no place for the tables: a line {Begin} and, after it, a line {End}.")
            : $"{page[..(begin + Begin.Length)]}\n\n{BakeOffTable.Write(report)}\n{page[end..]}";
    }

    private static async Task<int> RecordAsync(string file, RecordedScene scene)
    {
        Console.WriteLine($"Recording '{scene.Story}' for {(scene.Healthy + TimeSpan.FromSeconds(15)).TotalSeconds} s …");
        var trace = await new TraceRecorder(scene).RecordAsync(CancellationToken.None);
        await File.WriteAllTextAsync(file, trace.Format());
        Console.WriteLine($"{file}: {trace.Trace.Samples.Count} probes.");
        return 0;
    }

    private static async Task WriteAsync(BakeOffReport report, string root)
    {
        var (picture, page) = (Path.Combine(root, "docs", "detectors.svg"), Path.Combine(root, "docs", "detectors.md"));
        await File.WriteAllTextAsync(picture, BakeOffPicture.Write(report));
        await File.WriteAllTextAsync(page, Fill(await File.ReadAllTextAsync(page), report));
        Console.WriteLine($"Written: {picture}, {page}");
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
