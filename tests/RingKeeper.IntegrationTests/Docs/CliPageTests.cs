using System.Text.RegularExpressions;
using RingKeeper.Cli;
using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The page of the command line and the README's table, held to what each command's help says.</summary>
public sealed partial class CliPageTests
{
    private const int MatchTimeout = 10_000;

    private static readonly string[] OfEveryCommand = 
    [
        "--zookeeper", "--zookeeper-tls", "--zookeeper-ca", "--zookeeper-cert", "--zookeeper-key", "--zookeeper-host-name", "--zookeeper-kerberos", "--config", "--log-level", "--log-format",
    ];

    [Fact]
    public async Task Every_command_and_option_stands_on_the_page()
    {
        var page = await File.ReadAllTextAsync(PageCode.PathOf("docs/cli.md"), TestContext.Current.CancellationToken);
        var missing = new List<string>();
        var commands = await CommandsAsync("");
        foreach (var (command, options) in commands)
        {
            // A command's own options stand in its line of use, which its name begins.
            var uses = Uses().Matches(page).Select(static match => $" {Marks().Replace(match.Groups["name"].Value, " ")} ").Where(use => use.StartsWith($" {command} ", StringComparison.Ordinal)).ToList();
            missing.AddRange(uses.Count == 0 ? [command] : options.Where(option => !uses.Exists(use => use.Contains($" {option} ", StringComparison.Ordinal))).Select(option => $"{command} {option}"));
        }

        Assert.True(commands.Count >= 15, $"Only {commands.Count} commands are found: the help is no longer written as expected.");
        Assert.Equal([], missing);
        Assert.All(OfEveryCommand, option => Assert.Matches($"`{option}[ `]", page));
    }

    [Fact]
    public async Task Every_command_stands_in_the_table_of_the_readme()
    {
        var table = (await File.ReadAllLinesAsync(PageCode.PathOf("README.md"), TestContext.Current.CancellationToken))
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).Select(static line => line.Split('|')[1]).ToList();

        Assert.Equal([], (await CommandsAsync("")).Select(static command => command.Name).Where(name =>
            !table.Any(row => row.Contains($"`{name.Split(' ')[0]}", StringComparison.Ordinal) && Words(row).Contains(name.Split(' ')[^1]))));
    }

    // The commands below one, each with its own options.
    private static async Task<List<(string Name, IReadOnlyList<string> Options)>> CommandsAsync(string group)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var app = new CliApp(new CliEnvironment { Output = output, Error = error, GetVariable = static _ => null }, CliHandlers.Wired);
        Assert.Equal(0, await app.RunAsync([.. group.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"], Cancel.Soon));
        var (options, below) = (Options().Matches(Part(output, "Options:")), Names().Matches(Part(output, "Commands:")));
        var found = new List<(string, IReadOnlyList<string>)>();
        if (below.Count == 0)
        {
            found.Add((group, [.. options.Select(static match => match.Groups["name"].Value).Except([.. OfEveryCommand, "--help", "--version"])]));
        }

        foreach (Match name in below)
        {
            found.AddRange(await CommandsAsync($"{group} {name.Groups["name"].Value}".Trim()));
        }

        return found;
    }

    private static string[] Words(string row) => row.Split([' ', '`', ','], StringSplitOptions.RemoveEmptyEntries);

    private static string Part(StringWriter help, string heading)
    {
        var text = help.ToString();
        var start = text.IndexOf($"\n{heading}", StringComparison.Ordinal);
        var end = start < 0 ? -1 : text.IndexOf("\n\n", start, StringComparison.Ordinal);
        return start < 0 ? "" : end < 0 ? text[start..] : text[start..end];
    }

    [GeneratedRegex(@"^  (?:-\S, )*(?<name>--[a-z-]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Options();

    [GeneratedRegex(@"^  (?<name>[a-z]+)\b", RegexOptions.Multiline | RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Names();

    [GeneratedRegex(@"(?<!`)`(?<name>[a-z][^`]*)`(?!`)", RegexOptions.Singleline | RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Uses();

    [GeneratedRegex(@"[\[\]|\s]+", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Marks();
}
