using System.Reflection;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.Tests.Diagnostics;

/// <summary>Alarms are set on ids of log events, so that each must mean one thing.</summary>
public sealed class LogEventTests
{
    [Theory]
    [InlineData(typeof(ZKCluster))]
    [InlineData(typeof(VersionedCache))]
    [InlineData(typeof(ZooKeeperClient))]
    [InlineData(typeof(EmbeddedZooKeeperServer))]
    public void No_two_events_of_a_library_share_an_id(Type ofLibrary)
    {
        var events = ofLibrary.Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(static method => (Name: $"{method.DeclaringType!.Name}.{method.Name}", method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId))
            .Where(static named => named.EventId is not null)
            .ToList();

        Assert.NotEmpty(events);
        Assert.Equal([], events.GroupBy(static named => named.EventId).Where(static same => same.Count() > 1).Select(static same => string.Join(" and ", same.Select(named => named.Name))));
    }
}
