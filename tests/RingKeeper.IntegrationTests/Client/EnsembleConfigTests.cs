using System.Net;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>Reading and changing the members of a real ensemble; of one, since a joining observer needs no quorum.</summary>
public sealed class EnsembleConfigTests
{
    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Members_join_and_leave_a_real_ensemble_and_the_watch_tells()
    {
        var settings = new Dictionary<string, string>
        {
            ["server.1"] = $"127.0.0.1:{FreePort.Next()}:{FreePort.Next()}",
            ["standaloneEnabled"] = "false",
            ["reconfigEnabled"] = "true",
            ["skipACL"] = "yes",
        };
        await using var server = await ApacheZooKeeper.StartMemberAsync(1, IPAddress.Loopback, settings);
        await using var outside = await ZooKeeper.ZooKeeperClient.ConnectAsync(server.ConnectString);
        await outside.CreateAsync("/app", default);
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync($"{server.ConnectString}/app");

        var (before, changed) = await client.GetConfigAndWatchAsync();
        var member = Assert.Single(before.Members);
        Assert.Equal((1, EnsembleRole.Participant), (member.Id, member.Role));
        Assert.Equal([settings["server.1"]], member.Addresses);
        Assert.True(before.Version >= 0, before.Text);

        var stale = await Assert.ThrowsAsync<ZooKeeperException>(() => client.ReconfigAsync(joining: ["server.5=127.0.0.1:1025:1026:observer;1027"], fromConfig: before.Version + 1).AsTask());
        Assert.Equal(ZooKeeperErrorCode.BadVersion, stale.Code);
        var joined = await client.ReconfigAsync(joining: ["server.5=127.0.0.1:1025:1026:observer;1027"], fromConfig: before.Version);

        Assert.Equal(new(WatchedEventType.NodeDataChanged, "/zookeeper/config"), await changed.WaitAsync(ClientSuite.Patience, TimeProvider.System));
        Assert.True(joined.Version > before.Version);
        var observer = Assert.Single(joined.Members, m => m.Id == 5);
        Assert.Equal((EnsembleRole.Observer, "127.0.0.1:1025:1026"), (observer.Role, Assert.Single(observer.Addresses)));
        Assert.EndsWith(":1027", observer.ClientAddress, StringComparison.Ordinal);
        var left = await client.ReconfigAsync(leaving: [5]);
        Assert.Equal([1], left.Members.Select(m => m.Id));
        Assert.Equal(left.Text, (await client.GetConfigAsync()).Text);
    }
}
