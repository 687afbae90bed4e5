using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>One of three Apache ZooKeeper servers, a follower: what it says has been through its leader.</summary>
public sealed class EnsembleMember : IServerUnderTest, IAsyncLifetime
{
    private RealEnsemble? _ensemble;

    public int Port { get; private set; }

    public string Mode => "follower";

    public async ValueTask InitializeAsync()
    {
        _ensemble = await RealEnsemble.StartAsync(settings: new Dictionary<string, string> { ["extendedTypesEnabled"] = "false" });
        var leader = await _ensemble.FindLeaderAsync(Cancel.Soon);
        Port = _ensemble.Members.First(member => member != leader).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (_ensemble is not null)
        {
            await _ensemble.DisposeAsync();
        }
    }
}
