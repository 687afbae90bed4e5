using System.Reflection;
using Microsoft.Extensions.Logging;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.Tests.Diagnostics;

/// <summary>Alarms are set on ids of log events, so that each must mean one thing, whatever else a process logs.</summary>
public sealed class LogEventTests
{
    private static readonly Assembly[] Libraries =
        [typeof(ZooKeeperClient).Assembly, typeof(ZKCluster).Assembly, typeof(VersionedCache).Assembly, typeof(EmbeddedZooKeeperServer).Assembly, typeof(RingKeeperTestCluster).Assembly];

    private static readonly List<(string Name, int Id)> Events =
    [
        .. Libraries.SelectMany(static library => library.GetTypes())
            .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(static method => (Name: $"{method.DeclaringType!.FullName}.{method.Name}", method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId))
            .Where(static named => named.EventId is not null)
            .Select(static named => (named.Name, named.EventId!.Value)),
    ];

    [Fact]
    public void No_two_events_of_the_libraries_share_an_id()
    {
        Assert.True(Events.Count > 100, $"Only {Events.Count} events are found: they are no longer made as expected.");
        Assert.Equal([], Events.GroupBy(static named => named.Id).Where(static same => same.Count() > 1).Select(static same => string.Join(" and ", same.Select(named => named.Name))));
    }

    [Fact]
    public void Each_event_has_its_own_id() => Assert.All(Events, static named => Assert.True(named.Id > 0, $"{named.Name} has no id."));
}
