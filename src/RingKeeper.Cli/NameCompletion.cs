using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Net.Sockets;
using RingKeeper.Cli.Handlers;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli;

/// <summary>Offers the names of clusters and shards to shells, where ZooKeeper is known and answers at once; else nothing, and silently.</summary>
/// <param name="context">What knows where ZooKeeper is.</param>
internal sealed class NameCompletion(CliContext context)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Lets all arguments and options of a command and those below it that take names offer them.</summary>
    public void AddTo(Command command)
    {
        foreach (var argument in command.Arguments.OfType<Argument<string>>())
        {
            Add(argument.Name, command, argument.CompletionSources);
        }

        foreach (var argument in command.Arguments.OfType<Argument<string[]>>())
        {
            Add(argument.Name, command, argument.CompletionSources);
        }

        foreach (var option in command.Options.Where(static option => option.HelpName == "SHARD" || option.Name == "--remove"))
        {
            Add("SHARD", command, option.CompletionSources);
        }

        foreach (var below in command.Subcommands)
        {
            AddTo(below);
        }
    }

    private void Add(string name, Command command, List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources)
    {
        if (name == "NAME" && command.Name != "create")
        {
            sources.Add(asked => IsTyping(asked) && ClusterOf(asked) is null ? Read(asked.ParseResult, static (connector, token) => connector.GetNamesAsync(token)) : []);
        }
        else if (name == "SHARD")
        {
            sources.Add(asked => IsTyping(asked) && ClusterOf(asked) is { } cluster
                ? Read(asked.ParseResult, async (connector, token) => [.. (await connector.GetClusterAsync(cluster, token)).Shards.Select(static shard => shard.Name)])
                : []);
        }
    }

    // The cluster that was named, unless its name is the word that is being typed.
    private static string? ClusterOf(CompletionContext asked) =>
        asked.ParseResult.CommandResult.Children.OfType<ArgumentResult>().FirstOrDefault(static result => result.Argument.Name == "NAME") is { Tokens: [{ Value: var name }, ..] }
            && name != asked.WordToComplete ? name : null;

    // The help asks too, to list the values of an argument.
    private static bool IsTyping(CompletionContext asked) => asked is TextCompletionContext;

    private IEnumerable<CompletionItem> Read(ParseResult parsed, Func<ZKConnector, CancellationToken, Task<IReadOnlyList<string>>> ask)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            var names = Task.Run(() => AskAsync(parsed, ask, limit.Token)).WaitAsync(Patience, TimeProvider.System).GetAwaiter().GetResult();

            // It becomes a part of a shell's line: only what needs no quotes there, and can do nothing there.
            return [.. names.Where(static name => !name.StartsWith('-') && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':')).Select(static name => new CompletionItem(name))];
        }
        catch (Exception e) when (e is CliUsageException or RingKeeperException or ZooKeeperException or OperationCanceledException or TimeoutException or SocketException or IOException or UnauthorizedAccessException)
        {
            // A shell has no place for a message; the command itself tells it.
            return [];
        }
    }

    private async Task<IReadOnlyList<string>> AskAsync(ParseResult parsed, Func<ZKConnector, CancellationToken, Task<IReadOnlyList<string>>> ask, CancellationToken cancellationToken)
    {
        await using var connector = await ZKConnector.ConnectAsync(Connection.To(context.ZooKeeper.Require(parsed)), cancellationToken);
        return await ask(connector, cancellationToken);
    }
}
