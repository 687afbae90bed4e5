using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public class CountMemoryTests
{
    [Fact]
    public void Deaths_that_are_counted_again_raise_one_alarm_and_the_next_ones_another()
    {
        var log = new Lines();
        var memory = new CountMemory(new ZKCheckerOptions { ZKServers = "zk:1", ClusterName = "x" }, log);

        memory.Note(Result("2 of 3 shards"));
        memory.Note(Result("2 of 3 shards"));
        Assert.Contains("Cluster x: 2 of 3 shards, and nothing holds them", Assert.Single(log), StringComparison.Ordinal);

        memory.Note(Result("3 of 3 shards"));
        Assert.Equal(2, log.Count);

        memory.Note(Result(null));
        memory.Note(Result("3 of 3 shards"));
        Assert.Equal(3, log.Count);
    }

    private static BallotResult Result(string? alarm) => new(ImmutableDictionary<string, ShardStatus>.Empty, [], [], []) { Alarm = alarm };

    private sealed class Lines : List<string>, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Add(formatter(state, exception));
    }
}
