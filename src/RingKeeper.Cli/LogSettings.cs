using System.CommandLine;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RingKeeper.Cli.Configuration;

namespace RingKeeper.Cli;

/// <summary>How a log line looks.</summary>
internal enum LogFormat
{
    /// <summary>One line of text.</summary>
    Text,

    /// <summary>One object of JSON a line.</summary>
    Json,
}

/// <summary>What a command that runs for long logs. It goes to standard error, so that standard output holds results alone.</summary>
internal sealed record LogSettings(LogLevel Level, LogFormat Format)
{
    private const string TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    public static IReadOnlyDictionary<string, LogLevel> Levels { get; } =
        Enum.GetValues<LogLevel>().ToDictionary(static level => $"{level}".ToLowerInvariant(), StringComparer.Ordinal);

    public static IReadOnlyDictionary<string, LogFormat> Formats { get; } =
        Enum.GetValues<LogFormat>().ToDictionary(static format => $"{format}".ToLowerInvariant(), StringComparer.Ordinal);

    // JSON escapes what a terminal would obey.
    public ILoggerFactory CreateFactory() => Level == LogLevel.None ? NullLoggerFactory.Instance : Format == LogFormat.Json ? CreateLoggers() : new TerminalLoggers(CreateLoggers());

    private ILoggerFactory CreateLoggers() => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(Level).AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);

        // A server of --http that cannot start is told in one line by whoever started it.
        builder.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        if (Level > LogLevel.Debug)
        {
            // What the web server of --http tells is of use to those who look for its faults alone.
            builder.AddFilter("Microsoft", LogLevel.Warning);
        }

        if (Format == LogFormat.Json)
        {
            builder.AddJsonConsole(static json => (json.TimestampFormat, json.UseUtcTimestamp) = (TimestampFormat, true));
        }
        else
        {
            builder.AddSimpleConsole(static text => (text.SingleLine, text.TimestampFormat, text.UseUtcTimestamp) = (true, $"{TimestampFormat} ", true));
        }
    });
}

/// <summary>The options for the log, of one command.</summary>
internal sealed class LogOptions
{
    private readonly LogLevel _standard;
    private readonly Option<string> _level;
    private readonly Option<string> _format = new("--log-format") { Description = "text or json, one line each (default: text).", HelpName = "FORMAT" };

    /// <param name="command">The command that gets the options.</param>
    /// <param name="standard">The level unless it is told.</param>
    public LogOptions(Command command, LogLevel standard)
    {
        _standard = standard;
        _level = new("--log-level")
        {
            Description = $"What is logged to standard error: {string.Join(", ", LogSettings.Levels.Keys)} (default: {$"{standard}".ToLowerInvariant()}).",
            HelpName = "LEVEL",
        };
        _level.AcceptOnlyFromAmong([.. LogSettings.Levels.Keys]);
        _format.AcceptOnlyFromAmong([.. LogSettings.Formats.Keys]);
        command.Add(_level);
        command.Add(_format);
    }

    public LogSettings Read(ParseResult parsed, CliConfiguration configuration) => new(
        parsed.GetValue(_level) is { } level ? LogSettings.Levels[level] : configuration.LogLevel ?? _standard,
        parsed.GetValue(_format) is { } format ? LogSettings.Formats[format] : configuration.LogFormat ?? LogFormat.Text);
}
