using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RingKeeper.Cli.Handlers;

/// <summary>A web server of a command: at exactly one address, with nothing of the machine's configuration.</summary>
internal static class LocalWeb
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    public static WebApplicationBuilder CreateBuilder(IPEndPoint address, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();

        // Signals are the command's to handle.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Listen(address);
        });
        return builder;
    }

    /// <summary>Starts it; where that fails it is disposed of.</summary>
    /// <returns>Where it listens; the port is the one that was found if any was asked for.</returns>
    /// <exception cref="RingKeeperException">The address cannot be listened on.</exception>
    public static async Task<IPEndPoint> StartAsync(WebApplication app, IPEndPoint address, string what, string remedy, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or InvalidOperationException)
        {
            await app.DisposeAsync();
            throw new RingKeeperException($"Cannot serve {what} at {address}: {(e.InnerException ?? e).Message.TrimEnd('.')}. {remedy}", e);
        }

        return new IPEndPoint(address.Address, new Uri(app.Urls.Single()).Port);
    }

    /// <summary>Ends it, requests that are under way within a second.</summary>
    public static async ValueTask StopAsync(WebApplication app)
    {
        using var patience = new CancellationTokenSource(StopTimeout, TimeProvider.System);
        await app.StopAsync(patience.Token);
        await app.DisposeAsync();
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
