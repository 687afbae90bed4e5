using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RingKeeper.Dashboard;
using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.BrowserTests;

/// <summary>Apache ZooKeeper, three redis-servers, three checkers that decide fast, and the dashboard of their cluster.</summary>
public sealed class RealDashboard : IAsyncLifetime
{
    public RealStack Stack { get; } = new() { Interval = TimeSpan.FromMilliseconds(100), Threshold = TimeSpan.FromMilliseconds(300) };

    private readonly List<IAsyncDisposable> _owned = [];

    public ZKCluster Client { get; private set; } = null!;

    public string Origin { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await Stack.StartAsync();
        Client = await Stack.ConnectAsync();
        Origin = await ServeAsync(Client);
    }

    /// <summary>Serves the dashboard of clients.</summary>
    public async Task<string> ServeAsync(params ZKCluster[] clients)
    {
        var feeds = DashboardFeeds.Of(clients, new ShardFactsReader(null, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapDashboard("/ringkeeper", feeds, new DashboardOptions());
        await app.StartAsync(Cancel.Soon);
        _owned.Add(app);
        return app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }

        await Stack.DisposeAsync();
    }
}
