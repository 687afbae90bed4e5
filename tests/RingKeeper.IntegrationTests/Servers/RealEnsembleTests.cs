using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Servers;

[Trait("Speed", "Slow")]
public sealed class RealEnsembleTests
{
    [Fact]
    public async Task Another_member_leads_when_the_leader_is_killed_and_the_killed_one_comes_back_to_what_was_written_meanwhile()
    {
        await using var ensemble = await RealEnsemble.StartAsync();
        await using var client = await ZooKeeperClient.ConnectAsync(ensemble.ConnectString, Cancel.Soon);
        var leader = await ensemble.FindLeaderAsync(Cancel.Soon);
        await client.CreateAsync("/a", new byte[] { 1 }, cancellationToken: Cancel.Soon);

        await leader.KillAsync();
        await using var later = await ZooKeeperClient.ConnectAsync(ensemble.ConnectString, Cancel.Soon);
        await later.SetDataAsync("/a", new byte[] { 2 }, cancellationToken: Cancel.Soon);
        Assert.NotEqual(leader.Id, (await ensemble.FindLeaderAsync(Cancel.Soon)).Id);

        await leader.RestartAsync();
        await using var there = await ZooKeeperClient.ConnectAsync(leader.ConnectString, Cancel.Soon);
        await there.SyncAsync("/a", Cancel.Soon);
        Assert.Equal([2], (await there.GetDataAsync("/a", Cancel.Soon)).Data);
    }
}
