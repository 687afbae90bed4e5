using System.CommandLine;

namespace RingKeeper.Cli.Configuration;

/// <summary>The configuration file of a command: the option names it, else the environment; there may be none.</summary>
internal sealed class ConfigurationFile(CliEnvironment environment)
{
    public const string Variable = "RINGKEEPER_CONFIG";

    private const int MaxLength = 1024 * 1024;

    private CliConfiguration? _read;

    public Option<string> Option { get; } = new("--config")
    {
        Description = $"A JSON file with servers, credentials and the checker's settings (default: the environment variable {Variable}).",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Reads the file, once.</summary>
    /// <exception cref="CliUsageException">It cannot be read, holds something wrong, or holds secrets that others can read.</exception>
    public CliConfiguration Read(ParseResult parsed) => _read ??= Load(parsed.GetValue(Option) ?? environment.GetVariable(Variable));

    private CliConfiguration Load(string? path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            return CliConfiguration.None;
        }

        try
        {
            // Opened once: what is read is what was looked at.
            using var file = File.OpenRead(path);
            var text = new byte[MaxLength + 1];
            var length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            var configuration = length <= MaxLength
                ? ConfigurationReader.Read(path, text[..length])
                : throw new CliUsageException($"The configuration file {path} is longer than {MaxLength / 1024} KiB. Name a file with settings.");
            if (configuration.HasSecrets)
            {
                SecretFile.Require(path, file.SafeFileHandle, environment.GetVariable);
            }

            return configuration;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliUsageException($"The configuration file {path} cannot be read: {e.Message}");
        }
    }
}
