using Microsoft.Extensions.Logging;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public class TopologyAlarmsTests
{
    private static readonly ZKClusterInfo Cluster = new("x", 1, new ZKClusterOptions(), [new Shard("a", ":1")])
    {
        History = HistoryNode.Decode("/p", HistoryNode.Encode(1, new ZKClusterOptions(), [new Shard("a", ":1")], UnknownFields.None, TopologyHistory.None)),
    };

    [Fact]
    public void Each_state_is_told_once()
    {
        var log = new Lines();
        var alarms = new TopologyAlarms("x", log);

        alarms.Tell(Cluster);
        Assert.Empty(log);
        for (var i = 0; i < 3; i++)
        {
            alarms.Tell(Cluster with { RestoredFields = ["HashTag", "shard 'a': Weight"] });
        }

        Assert.Contains("dropped HashTag, shard 'a': Weight; the recorded ones stay in use", Assert.Single(log), StringComparison.Ordinal);
        alarms.Tell(Cluster with { History = HistoryNode.Missing });
        alarms.Tell(Cluster with { History = HistoryNode.Decode("/p", "{oops"u8) });
        alarms.Tell(Cluster with { History = HistoryNode.Decode("/p", "{oops"u8) });
        Assert.Equal(3, log.Count);
        Assert.All(log.Skip(1), line => Assert.Contains("/goreclusters/x/history", line, StringComparison.Ordinal));
    }

    private sealed class Lines : List<string>, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Add(formatter(state, exception));
    }
}
