using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RingKeeper.Cli;

/// <summary>Writes the help of a command, without options of all commands that mean nothing to it, and at the end its examples.</summary>
/// <param name="help">Writes the help.</param>
/// <param name="ofAll">Options of the root that most commands take.</param>
/// <param name="except">The commands to which they mean nothing.</param>
/// <param name="examples">The examples of the commands, as they are typed.</param>
internal sealed class CommandHelp(HelpAction help, IReadOnlyList<Option> ofAll, IReadOnlySet<Command> except, IReadOnlyDictionary<Command, IReadOnlyList<string>> examples) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => help.ClearsParseErrors;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        foreach (var option in ofAll)
        {
            option.Hidden = except.Contains(parseResult.CommandResult.Command);
        }

        var code = help.Invoke(parseResult);
        if (examples.GetValueOrDefault(parseResult.CommandResult.Command) is { Count: > 0 } lines)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var line in lines)
            {
                output.WriteLine($"  {line}");
            }

            output.WriteLine();
        }

        return code;
    }
}
