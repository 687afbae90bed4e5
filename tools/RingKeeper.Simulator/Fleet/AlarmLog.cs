using Microsoft.Extensions.Logging;

namespace RingKeeper.Simulator;

/// <summary>Passes on what a checker logs, and keeps when it last raised the alarm for many deaths: that the brake holds one, or that nothing holds them.</summary>
internal sealed class AlarmLog(Agenda agenda, ILogger log) : ILogger
{
    private const int BrakeHolds = 250;
    private const int ManyDeaths = 254;

    /// <summary>When it last did; null: never.</summary>
    public long? RaisedAt { get; private set; }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => log.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id is BrakeHolds or ManyDeaths)
        {
            RaisedAt = agenda.Now;
        }

        log.Log(logLevel, eventId, state, exception, formatter);
    }
}
