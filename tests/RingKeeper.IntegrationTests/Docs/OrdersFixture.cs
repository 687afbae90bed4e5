using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The fixture of docs/testing.md, as it stands there.</summary>
public sealed class OrdersFixture : IAsyncLifetime
{
    private IHost? _app;

    public RingKeeperTestCluster Test { get; private set; } = null!;

    public ZKCluster Orders => _app!.Services.GetRequiredService<ZKCluster>();

    public async ValueTask InitializeAsync()
    {
        Test = await RingKeeperTestCluster.StartAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddRingKeeper(Test.Configure);
        _app = builder.Build();
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.StopAsync();
        _app.Dispose();
        await Test.DisposeAsync();
    }
}
