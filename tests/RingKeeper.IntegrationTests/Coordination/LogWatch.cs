using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>A log that can be awaited.</summary>
internal sealed class LogWatch : ILogger
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource<string>> _lines = new();
    private readonly ConcurrentDictionary<int, int> _counts = new();

    /// <summary>Returns the first line of this id, now or when it comes.</summary>
    public Task<string> WhenAsync(int id) => Line(id).Task.WaitAsync(Cancel.Soon);

    /// <summary>Tells how many lines of this id there were.</summary>
    public int Count(int id) => _counts.GetValueOrDefault(id);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _counts.AddOrUpdate(eventId.Id, 1, static (_, count) => count + 1);
        Line(eventId.Id).TrySetResult(formatter(state, exception));
    }

    private TaskCompletionSource<string> Line(int id) => _lines.GetOrAdd(id, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>Gives one log to everybody.</summary>
internal sealed class OneLog(ILogger log) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => log;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one log.");

    public void Dispose()
    {
        // The log is its maker's.
    }
}
