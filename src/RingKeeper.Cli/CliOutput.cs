using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace RingKeeper.Cli;

/// <summary>
/// Writes results to standard output and everything else to standard error. The one place where text leaves: what a terminal would obey is shown as its number,
/// since names are written by others; JSON and documents escape it themselves, and stay exact.
/// </summary>
internal sealed class CliOutput(CliEnvironment environment)
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Gets whether the output is a terminal that can draw.</summary>
    public bool IsInteractive => environment.IsInteractive;

    /// <summary>Gets a console on standard error for what moves, or null where nobody watches a terminal.</summary>
    public IAnsiConsole? ProgressConsole => environment is { IsInteractive: true, CanAsk: true } ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(environment.Error) }) : null;

    /// <summary>Writes one line of the result.</summary>
    public void WriteLine(string line) => environment.Output.WriteLine(TerminalText.Of(line));

    /// <summary>Writes one line of diagnostics.</summary>
    public void WriteDiagnostic(string line) => environment.Error.WriteLine(TerminalText.Of(line));

    /// <summary>Writes a result as one line of JSON, so that a stream of results can be read line by line.</summary>
    public void WriteJson<T>(T result) => environment.Output.WriteLine(JsonSerializer.Serialize(result, JsonOptions));

    /// <summary>Makes a console that draws on standard output, without colours where <c>NO_COLOR</c> is set. Who draws makes each text safe by <see cref="TerminalText"/>.</summary>
    public IAnsiConsole CreateConsole() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(environment.Output),
        ColorSystem = string.IsNullOrEmpty(environment.GetVariable("NO_COLOR")) ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
    });

    /// <summary>Writes a table: drawn on a terminal, otherwise columns padded with blanks.</summary>
    public void WriteTable(IReadOnlyList<string> headings, IReadOnlyCollection<IReadOnlyList<string>> rows)
    {
        if (IsInteractive)
        {
            DrawTable(headings, rows);
            return;
        }

        // Measured as they are written.
        rows = [.. rows.Select(static row => (IReadOnlyList<string>)[.. row.Select(TerminalText.Of)])];
        var widths = headings.Select((heading, column) => rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToArray();
        foreach (var row in rows.Prepend(headings))
        {
            WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    private void DrawTable(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var heading in headings)
        {
            table.AddColumn(Markup.Escape(heading));
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(static cell => Markup.Escape(TerminalText.Of(cell)))]);
        }

        CreateConsole().Write(table);
    }
}
