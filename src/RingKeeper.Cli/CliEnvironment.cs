using System.Text;

namespace RingKeeper.Cli;

/// <summary>What surrounds the process: its two outputs and its environment variables.</summary>
internal sealed record CliEnvironment
{
    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Gets standard input, which refuses what is not UTF-8 (default: empty).</summary>
    public TextReader Input { get; init; } = TextReader.Null;

    public required Func<string, string?> GetVariable { get; init; }

    /// <summary>Gets whether the output is a terminal that can draw.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Gets whether somebody sits at a terminal and can answer questions.</summary>
    public bool CanAsk { get; init; }

    public static CliEnvironment OfProcess() => new()
    {
        Output = Console.Out,
        Error = Console.Error,
        GetVariable = Environment.GetEnvironmentVariable,
        Input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false, throwOnInvalidBytes: true)),
        CanAsk = !Console.IsInputRedirected && !Console.IsErrorRedirected,
        IsInteractive = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
    };
}
