using RingKeeper.Testing;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The suite on Garnet.</summary>
public sealed class EmbeddedOwnFormatTests : OwnFormatSuite
{
    private readonly GarnetShard _server = GarnetShard.Start();

    private protected override string Addr => _server.Addr;

    private protected override Task StartServerAsync() => Task.CompletedTask;

    private protected override Task KillServerAsync() => _server.KillAsync();

    private protected override Task RestartServerAsync() => _server.RestartAsync();

    private protected override ValueTask StopServerAsync() => _server.DisposeAsync();
}
