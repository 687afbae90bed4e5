using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>One of three Apache ZooKeeper servers, a follower: what it says has been through its leader.</summary>
public sealed class EnsembleMember : IServerUnderTest, IAsyncLifetime
{
    private RealEnsemble? _ensemble;
    private ZooKeeperClient? _leader;

    public int Port { get; private set; }

    public string Mode => "follower";

    public async ValueTask InitializeAsync()
    {
        // Without waiting for the disk: nobody pings for a raw connection, which is closed where one write takes longer than its session lasts.
        _ensemble = await RealEnsemble.StartAsync(settings: new Dictionary<string, string> { ["extendedTypesEnabled"] = "false" }, properties: "-Dzookeeper.forceSync=no");
        var leader = await _ensemble.FindLeaderAsync(Cancel.Soon);
        Port = _ensemble.Members.First(member => member != leader).Port;
        _leader = await ZooKeeperClient.ConnectAsync(leader.ConnectString, Cancel.Soon);
    }

    // A server answers its own clients' writes behind all that came before them.
    public async Task SettleAsync() => await _leader!.SetDataAsync("/", default, cancellationToken: Cancel.Soon);

    public async ValueTask DisposeAsync()
    {
        await (_leader?.DisposeAsync() ?? default);
        if (_ensemble is not null)
        {
            await _ensemble.DisposeAsync();
        }
    }
}
