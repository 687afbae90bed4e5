using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace RingKeeper.Dashboard;

/// <summary>Answers the requests of one dashboard. All addresses that it gives are relative, so that they hold below a path base and behind a proxy that changes paths.</summary>
/// <param name="feeds">The feeds.</param>
/// <param name="metrics">What <c>/metrics</c> shows.</param>
/// <param name="options">The options.</param>
/// <param name="time">The source of time.</param>
/// <param name="logger">Hears of what is turned away.</param>
/// <param name="stopping">Fires when the application stops.</param>
internal sealed class DashboardSite(DashboardFeeds feeds, PrometheusMetrics metrics, DashboardOptions options, TimeProvider time, ILogger logger, CancellationToken stopping)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private const string Html = "text/html; charset=utf-8";
    private const string Text = "text/plain; charset=utf-8";

    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps the addresses.</summary>
    public void MapTo(IEndpointRouteBuilder root)
    {
        Map(root, "/", "the clusters", ListAsync);
        Map(root, "/clusters/{name}", "a cluster", PageAsync);
        Map(root, "/clusters/{name}/live", "a cluster's live stream", LiveAsync);
        Map(root, "/assets/dashboard.css", "style", context => AssetAsync(context, "dashboard.css", "text/css; charset=utf-8"));
        Map(root, "/assets/dashboard.js", "script", context => AssetAsync(context, "dashboard.js", "text/javascript; charset=utf-8"));
        Map(root, "/assets/dashboard.svg", "icon", context => AssetAsync(context, "dashboard.svg", "image/svg+xml"));
        Map(root, "/metrics", "metrics", MetricsAsync);
    }

    private static void Map(IEndpointRouteBuilder root, string pattern, string name, RequestDelegate answer) =>
        root.MapMethods(pattern, Reading, context =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.CacheControl = "no-store";
            return answer(context);
        }).WithDisplayName($"RingKeeper dashboard: {name}");

    private Task ListAsync(HttpContext context)
    {
        // Addresses below it need the slash.
        if (context.Request.Path.Value is { Length: > 0 } path ? !path.EndsWith('/') : context.Request.PathBase.HasValue)
        {
            var whole = context.Request.PathBase.Add(context.Request.Path).ToUriComponent();
            return RedirectAsync(context, $"{whole[(whole.LastIndexOf('/') + 1)..]}/");
        }

        return feeds.Names is [var only]
            ? RedirectAsync(context, $"clusters/{Uri.EscapeDataString(only)}")
            : WriteAsync(context, Html, Page.RenderList(feeds.Names, "."));
    }

    private Task PageAsync(HttpContext context)
    {
        if (Find(context) is not { } feed)
        {
            return UnknownAsync(context);
        }

        if (context.Request.Path.Value!.EndsWith('/'))
        {
            return RedirectAsync(context, $"../{Uri.EscapeDataString(feed.Id)}{context.Request.QueryString}");
        }

        feed.Look();
        return WriteAsync(context, Html, Page.Render(feed.Read(), feeds.Names, "..", KeyOf(context)));
    }

    private async Task LiveAsync(HttpContext context)
    {
        if (Find(context) is not { } feed)
        {
            await UnknownAsync(context).ConfigureAwait(false);
            return;
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            LiveStream.Head(context);
            return;
        }

        if (stopping.IsCancellationRequested || !feed.TryReserve(options.MaxStreams))
        {
            DashboardLog.StreamsFull(logger, feed.Id, feed.Streams);
            context.Response.Headers.RetryAfter = "10";
            await WriteAsync(context, Text, "As many pages as are allowed follow this cluster live; reload this one to see what is new.\n", StatusCodes.Status503ServiceUnavailable).ConfigureAwait(false);
            return;
        }

        try
        {
            await LiveStream.WriteAsync(context, feed, KeyOf(context), time, stopping).ConfigureAwait(false);
        }
        finally
        {
            feed.Release();
        }
    }

    private async Task MetricsAsync(HttpContext context)
    {
        foreach (var feed in feeds.All)
        {
            feed.Look();
        }

        await WriteAsync(context, PrometheusMetrics.ContentType, metrics.Write(error => DashboardLog.InstrumentsFailed(logger, error))).ConfigureAwait(false);
    }

    private static async Task AssetAsync(HttpContext context, string name, string type)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The library lacks its own {name}.");
        using var reader = new StreamReader(stream);
        await WriteAsync(context, type, await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    // Starts the feeds of an application whose host tells nobody that it has started.
    private DashboardFeed? Find(HttpContext context)
    {
        feeds.Start();
        return feeds.Find(context.Request.RouteValues["name"] as string);
    }

    private static string? KeyOf(HttpContext context) => context.Request.Query["key"].ToString() is { Length: > 0 } key ? key : null;

    private Task UnknownAsync(HttpContext context) =>
        WriteAsync(context, Text, $"There is no such cluster here. Those that are shown: {string.Join(", ", feeds.Names)}.\n", StatusCodes.Status404NotFound);

    private static Task RedirectAsync(HttpContext context, string address)
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = address;
        return Task.CompletedTask;
    }

    private static async Task WriteAsync(HttpContext context, string type, string text, int status = StatusCodes.Status200OK)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (status, type, bytes.Length);
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        }
    }
}
