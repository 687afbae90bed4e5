using Microsoft.Extensions.Logging;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>A log whose sink is broken.</summary>
internal sealed class ThrowingLogger : ILogger
{
    public int Calls { get; private set; }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => throw new IOException("The sink is full.");

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Calls++;
        throw new IOException("The sink is full.");
    }
}
