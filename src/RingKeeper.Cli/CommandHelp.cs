using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RingKeeper.Cli;

/// <summary>Writes the help of a command, without options of all commands that mean nothing to it.</summary>
/// <param name="help">Writes the help.</param>
/// <param name="ofAll">Options of the root that most commands take.</param>
/// <param name="except">The commands to which they mean nothing.</param>
internal sealed class CommandHelp(HelpAction help, IReadOnlyList<Option> ofAll, IReadOnlySet<Command> except) : SynchronousCommandLineAction
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

        return help.Invoke(parseResult);
    }
}
