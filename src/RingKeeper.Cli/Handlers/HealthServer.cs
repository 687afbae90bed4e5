using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace RingKeeper.Cli.Handlers;

/// <summary>Serves <c>/livez</c> and <c>/readyz</c> of a checker at exactly one address: 200, or 503 with one line for each reason.</summary>
internal sealed class HealthServer : IAsyncDisposable
{
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
        var app = LocalWeb.CreateBuilder(address, loggers).Build();
        app.MapGet("/livez", context => AnswerAsync(context, "live", health().ReasonsNotLive, health()));
        app.MapGet("/readyz", context => AnswerAsync(context, "ready", health().ReasonsNotReady, health()));
        return new HealthServer(app, await LocalWeb.StartAsync(app, address, "health", "Free it, or take another with --http or checker.http.", cancellationToken));
    }

    public ValueTask DisposeAsync() => LocalWeb.StopAsync(_app);

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
}
