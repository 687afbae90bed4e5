using RingKeeper.IntegrationTests.Servers;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The suite on redis-server.</summary>
public sealed class RedisGoreLibTests : GoreLibSuite
{
    private protected override async Task<(IAsyncDisposable Server, string Addr)> StartServerAsync()
    {
        var server = await RedisServer.StartAsync();
        return (server, server.Addr);
    }
}

/// <summary>The suite on Garnet.</summary>
public sealed class GarnetGoreLibTests : GoreLibSuite
{
    private protected override Task<(IAsyncDisposable Server, string Addr)> StartServerAsync()
    {
        var server = GarnetShard.Start();
        return Task.FromResult<(IAsyncDisposable, string)>((server, server.Addr));
    }
}
