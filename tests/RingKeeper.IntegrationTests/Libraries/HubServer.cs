using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Libraries;

/// <summary>A hub's server on a loopback port, which finds the other servers over the ring.</summary>
internal sealed class HubServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HubServer(WebApplication app) => _app = app;

    public string Url => $"{_app.Urls.Single()}/news";

    public static async Task<HubServer> StartAsync(ZKCluster cluster)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        Register(builder.Services, cluster);
        builder.Services.AddSingleton<IUserIdProvider, UserOfQuery>();
        var app = builder.Build();
        app.MapHub<NewsHub>("/news", options => options.Transports = HttpTransportType.WebSockets);
        await app.StartAsync(Cancel.Soon);
        return new HubServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(Cancel.Soon);
        await _app.DisposeAsync();
    }

    private static void Register(IServiceCollection services, ZKCluster cluster)
    {
        services.AddSignalR()
            .AddStackExchangeRedis(options => options.ConnectionFactory = _ => Task.FromResult(cluster.GetMultiplexer()));
    }

    private sealed class UserOfQuery : IUserIdProvider
    {
        public string? GetUserId(HubConnectionContext connection) => connection.GetHttpContext()?.Request.Query["user"];
    }
}
