using StackExchange.Redis;

namespace RingKeeper.CommandGenerator;

/// <summary>Every file that is generated, with its text.</summary>
internal static class GeneratedFiles
{
    /// <summary>Path below the repository's root, and text.</summary>
    /// <exception cref="UndecidedMethodException">A method has no rule.</exception>
    public static IEnumerable<(string Path, string Text)> All()
    {
        var decided = CommandRules.Decide(CommandMethod.OfDatabase());
        yield return ("src/RingKeeper/Commands/RoutedDatabase.Sync.g.cs", DatabaseWriter.Write(decided.Where(static d => !d.Method.OfAsyncInterface)));
        yield return ("src/RingKeeper/Commands/RoutedDatabase.Async.g.cs", DatabaseWriter.Write(decided.Where(static d => d.Method.OfAsyncInterface)));
        yield return ("src/RingKeeper/Commands/QueuedDatabase.g.cs", QueueWriter.Write(decided.Where(static d => d.Method.OfAsyncInterface)));
        foreach (var face in Faces)
        {
            yield return (face.Path, FaceWriter.Write(face));
        }

        yield return ("docs/commands.md", CommandsPage.Write(decided));
    }

    /// <summary>The interfaces beside those of databases.</summary>
    public static IReadOnlyList<Face> Faces { get; } =
    [
        new("RoutedMultiplexer", typeof(IConnectionMultiplexer), MultiplexerRules.Table),
        new("RoutedSubscriber", typeof(ISubscriber), SubscriberRules.Table),
        new("RoutedServer", typeof(IServer), ServerRules.Table),
    ];

    public static string FindRoot(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "RingKeeper.slnx")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above '{folder}' holds RingKeeper.slnx. Give the repository's root as argument.");
    }
}
