namespace RingKeeper.Cli;

/// <summary>The command was used wrongly in a way that the parser cannot see, such as a bad environment variable.</summary>
internal sealed class CliUsageException(string message) : Exception(message);
