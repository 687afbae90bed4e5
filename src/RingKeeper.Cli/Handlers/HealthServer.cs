using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RingKeeper.Cli.Handlers;

/// <summary>Serves <c>/livez</c> and <c>/readyz</c> of a checker at exactly one address: 200, or 503 with one line for each reason.</summary>
internal sealed class HealthServer : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly WebApplication _app;

    private HealthServer(WebApplication app, IPEndPoint address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>Where it listens; the port is the one that was found if any was asked for.</summary>
    public IPEndPoint Address { get; }

    /// <exception cref="RingKeeperException">The address cannot be listened on.</exception>
    public static async Task<HealthServer> StartAsync(IPEndPoint address, Func<ZKCheckerHealth> health, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();

        // Signals are the command's to handle: it withdraws its vote first.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Listen(address);
        });
        var app = builder.Build();
        app.MapGet("/livez", context => AnswerAsync(context, "live", health().ReasonsNotLive, health()));
        app.MapGet("/readyz", context => AnswerAsync(context, "ready", health().ReasonsNotReady, health()));
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or InvalidOperationException)
        {
            await app.DisposeAsync();
            throw new RingKeeperException($"Cannot serve health at {address}: {(e.InnerException ?? e).Message.TrimEnd('.')}. Free it, or take another with --http or checker.http.", e);
        }

        return new HealthServer(app, new IPEndPoint(address.Address, new Uri(app.Urls.Single()).Port));
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(StopTimeout, TimeProvider.System);
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }

    private static Task AnswerAsync(HttpContext context, string state, IReadOnlyList<string> reasons, ZKCheckerHealth health)
    {
        var response = context.Response;
        response.StatusCode = reasons.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        response.Headers.CacheControl = "no-store";
        if (context.Request.GetTypedHeaders().Accept.Any(static type => type.MediaType == "application/json"))
        {
            return response.WriteAsJsonAsync(Shape(reasons.Count == 0 ? state : $"not {state}", reasons, health), JsonSerializerOptions.Web, context.RequestAborted);
        }

        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(reasons.Count == 0 ? $"{state}\n" : $"{string.Join('\n', reasons)}\n", context.RequestAborted);
    }

    private static object Shape(string status, IReadOnlyList<string> reasons, ZKCheckerHealth health) => new
    {
        status,
        reasons,
        session = $"{health.Session}",
        checker = health.CheckerId,
        health.Node,
        health.IsLeading,
        shards = health.ShardCount,
        verdicts = health.VerdictCount,
        abstentions = health.AbstentionCount,
        health.AbstentionReasons,
        secondsSinceVote = health.SinceVoteWritten?.TotalSeconds,
        health.Trouble,
    };

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
