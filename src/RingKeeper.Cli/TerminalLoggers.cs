using Microsoft.Extensions.Logging;

namespace RingKeeper.Cli;

/// <summary>Loggers whose lines a terminal does not obey: names and answers in them were written by others. An exception becomes a part of its line.</summary>
/// <param name="inner">Makes the loggers that write; it is disposed of with this.</param>
internal sealed class TerminalLoggers(ILoggerFactory inner) : ILoggerFactory
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new SafeLogger(inner.CreateLogger(categoryName));

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    private sealed class SafeLogger(ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            logger.Log(logLevel, eventId, state, null, (told, _) => Line(formatter(told, exception), exception));

        private static string Line(string message, Exception? exception) =>
            TerminalText.Of((exception is null ? message : $"{message} {exception}").Replace(Environment.NewLine, " ", StringComparison.Ordinal));
    }
}
