namespace RingKeeper.Cli;

/// <summary>What surrounds the process: its two outputs and its environment variables.</summary>
internal sealed record CliEnvironment
{
    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    public required Func<string, string?> GetVariable { get; init; }

    /// <summary>Gets whether the output is a terminal that can draw.</summary>
    public bool IsInteractive { get; init; }

    public static CliEnvironment OfProcess() => new()
    {
        Output = Console.Out,
        Error = Console.Error,
        GetVariable = Environment.GetEnvironmentVariable,
        IsInteractive = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
    };
}
