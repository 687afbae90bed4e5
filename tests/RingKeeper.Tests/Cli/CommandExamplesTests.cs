using System.Text.RegularExpressions;
using RingKeeper.Cli;
using Xunit;

namespace RingKeeper.Tests.Cli;

/// <summary>The examples in the help of each command, parsed by the parser that users have.</summary>
public sealed partial class CommandExamplesTests
{
    private const int MatchTimeout = 10_000;

    [Fact]
    public async Task Every_command_has_one_to_three_examples_each_of_which_it_takes()
    {
        var flaws = new List<string>();
        var commands = await CommandsAsync("");
        foreach (var (command, examples) in commands)
        {
            if (examples.Count is < 1 or > 3)
            {
                flaws.Add($"{command} has {examples.Count} examples");
            }

            foreach (var example in examples)
            {
                flaws.AddRange(await FlawsAsync(command, example));
            }
        }

        Assert.True(commands.Count >= 15, $"Only {commands.Count} commands are found: the help is no longer written as expected.");
        Assert.Equal([], flaws);
    }

    [Fact]
    public void Every_handler_is_noted_so_that_no_command_is_left_out_here()
    {
        using var cli = new CliRun();
        var noting = cli.Noting();

        Assert.Equal([], typeof(CliHandlers).GetProperties().Where(property => property.GetMethod is { IsStatic: false } && property.GetValue(noting) is null).Select(static property => property.Name));
    }

    [Fact]
    public async Task Help_asks_no_server_for_the_names_that_a_shell_is_offered()
    {
        var asked = new List<string>();
        await using var output = new StringWriter();
        var environment = new CliEnvironment
        {
            Output = output,
            Error = output,
            GetVariable = name =>
            {
                asked.Add(name);
                return null;
            },
        };

        Assert.Equal(0, await new CliApp(environment, CliHandlers.Wired).RunAsync(["why", "--help"], TestContext.Current.CancellationToken));
        Assert.Equal([], asked);
        Assert.Equal(0, await new CliApp(environment, CliHandlers.Wired).RunAsync(["[suggest:4]", "why "], TestContext.Current.CancellationToken));
        Assert.Contains("RINGKEEPER_ZOOKEEPER", asked);
    }

    private static async Task<IReadOnlyList<string>> FlawsAsync(string command, string example)
    {
        // What stands before it is another program's; what follows an arrow is the shell's.
        var line = example[Math.Max(0, example.IndexOf("ringkeeper ", StringComparison.Ordinal))..].Split(" > ")[0];
        string[] words = [.. Words().Matches(line).Select(static word => word.Value.Trim('\''))];
        if (!$"{string.Join(' ', words)} ".StartsWith($"ringkeeper {command} ", StringComparison.Ordinal))
        {
            return [$"{command}: '{example}' is not of this command"];
        }

        using var cli = new CliRun();
        var code = await cli.RunAsync(cli.Noting(), words[1..]);
        return code == 0 && cli.Request is not null ? [] : [$"{command}: '{example}' ends with {code}: {cli.Error}"];
    }

    // The commands of the tool below one, each with its examples.
    private static async Task<List<(string Name, IReadOnlyList<string> Examples)>> CommandsAsync(string group)
    {
        using var cli = new CliRun();
        Assert.Equal(0, await cli.RunAsync(CliHandlers.Wired, [.. group.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]));
        var below = Names().Matches(Part(cli.Output, "Commands:"));
        var found = new List<(string, IReadOnlyList<string>)>();
        if (below.Count == 0)
        {
            found.Add((group, [.. Part(cli.Output, "Examples:").Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(static line => line.Trim())]));
        }

        foreach (Match name in below)
        {
            found.AddRange(await CommandsAsync($"{group} {name.Groups["name"].Value}".Trim()));
        }

        return found;
    }

    private static string Part(string help, string heading)
    {
        var start = help.IndexOf($"\n{heading}", StringComparison.Ordinal);
        var end = start < 0 ? -1 : help.IndexOf("\n\n", start, StringComparison.Ordinal);
        return start < 0 ? "" : end < 0 ? help[start..] : help[start..end];
    }

    [GeneratedRegex(@"^  (?<name>[a-z]+)\b", RegexOptions.Multiline | RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Names();

    [GeneratedRegex(@"'[^']*'|\S+", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Words();
}
