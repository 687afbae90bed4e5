using System.CommandLine;

namespace RingKeeper.Cli.Configuration;

/// <summary>The configuration file of a command: the option names it, else the environment; there may be none.</summary>
internal sealed class ConfigurationFile(CliEnvironment environment)
{
    public const string Variable = "RINGKEEPER_CONFIG";

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
            using var text = new MemoryStream();
            file.CopyTo(text);
            var configuration = ConfigurationReader.Read(path, text.ToArray());
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
