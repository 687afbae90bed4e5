using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RingKeeper.IntegrationTests.Client;

namespace RingKeeper.IntegrationTests.Security;

/// <summary>Keeps whatever is logged, at every level, with exceptions and raw values.</summary>
internal sealed class EveryLog : ILogger, ILoggerFactory
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Channel<string> _heard = Channel.CreateUnbounded<string>();

    public string Text => string.Join('\n', _lines);

    /// <summary>Returns the next line that holds the text, now or when it comes. For one reader.</summary>
    public async Task<string> WhenAsync(string part)
    {
        using var patience = new CancellationTokenSource(ClientSuite.Patience);
        while (true)
        {
            if (await _heard.Reader.ReadAsync(patience.Token) is var line && line.Contains(part, StringComparison.Ordinal))
            {
                return line;
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        _lines.Enqueue($"{state}");
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _heard.Writer.TryWrite(formatter(state, exception));
        _lines.Enqueue($"{formatter(state, exception)} {exception}");
        foreach (var (name, value) in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
        {
            _lines.Enqueue($"{name}={value}");
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one log.");

    public void Dispose()
    {
        // Nothing is held.
    }
}
