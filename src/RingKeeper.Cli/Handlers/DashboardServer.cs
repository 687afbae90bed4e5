using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RingKeeper.Dashboard;

namespace RingKeeper.Cli.Handlers;

/// <summary>Serves the dashboard of clusters at exactly one address. On loopback it answers to no other host.</summary>
internal sealed class DashboardServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DashboardFeeds _feeds;

    private DashboardServer(WebApplication app, DashboardFeeds feeds, IPEndPoint address)
    {
        (_app, _feeds) = (app, feeds);
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>The address of the page on this machine.</summary>
    public string Url => $"http://{(Address.Address.Equals(IPAddress.Any) || Address.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.Loopback, Address.Port) : Address)}/";

    /// <summary>Starts it.</summary>
    /// <param name="address">Where.</param>
    /// <param name="clusters">Clients that are connected; they stay the caller's.</param>
    /// <param name="redis">How to ask the shards' servers.</param>
    /// <param name="loggers">Hears what happens.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RingKeeperException">The address cannot be listened on.</exception>
    public static async Task<DashboardServer> StartAsync(IPEndPoint address, IEnumerable<ZKCluster> clusters, RedisSettings redis, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var feeds = DashboardFeeds.Of(clusters, new ShardFactsReader(redis.Apply, TimeProvider.System), TimeProvider.System, loggers);
        var app = LocalWeb.CreateBuilder(address, loggers).Build();
        if (IPAddress.IsLoopback(address.Address))
        {
            app.Use(RefuseOthers);
        }

        app.MapDashboard("/", feeds, new DashboardOptions());
        try
        {
            var listening = await LocalWeb.StartAsync(app, address, "the dashboard", "Free it, or take another with --http; with :0 any free one is taken.", cancellationToken);
            return new DashboardServer(app, feeds, listening);
        }
        catch
        {
            await feeds.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await LocalWeb.StopAsync(_app);
        await _feeds.DisposeAsync();
    }

    private static Task RefuseOthers(HttpContext context, RequestDelegate next)
    {
        if (LoopbackHost.IsMeant(context.Request.Host))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(LoopbackHost.Refusal, context.RequestAborted);
    }
}
