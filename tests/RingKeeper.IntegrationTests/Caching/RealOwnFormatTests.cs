using RingKeeper.IntegrationTests.Servers;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The suite on redis-server.</summary>
public sealed class RealOwnFormatTests : OwnFormatSuite
{
    private RedisServer _server = null!;

    private protected override string Addr => _server.Addr;

    private protected override async Task StartServerAsync() => _server = await RedisServer.StartAsync();

    private protected override Task KillServerAsync() => _server.KillAsync();

    private protected override Task RestartServerAsync() => _server.RestartAsync();

    private protected override ValueTask StopServerAsync() => _server.DisposeAsync();
}
