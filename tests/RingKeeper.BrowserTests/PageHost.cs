using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RingKeeper.Dashboard;

namespace RingKeeper.BrowserTests;

/// <summary>Serves the page of a state that a test puts in, as the dashboard serves that of a cluster: under the same policy, with the same stream.</summary>
internal sealed class PageHost : IAsyncDisposable
{
    public const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<Channel<DashboardState>, bool> _streams = new();
    private volatile DashboardState _state;
    private volatile bool _refuses;
    private CancellationTokenSource _cut = new();

    private PageHost(WebApplication app, DashboardState state) => (_app, _state) = (app, state);

    public string Origin => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public string Address => Page.AddressOf(Origin + "/ringkeeper", _state.Cluster);

    public IReadOnlyList<string> Clusters { get; set; } = ["orders"];

    public static async Task<PageHost> StartAsync(DashboardState state)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var host = new PageHost(app, state);
        app.Use((context, next) =>
        {
            context.Response.Headers.ContentSecurityPolicy = Policy;
            return next(context);
        });
        app.MapGet("/ringkeeper/clusters/{name}", (string? key) => Results.Content(Page.Render(host._state, host.Clusters, "/ringkeeper", key), "text/html; charset=utf-8"));
        app.MapGet("/ringkeeper/clusters/{name}/live", host.StreamAsync);
        app.MapGet("/ringkeeper/assets/{file}", (string file) => Results.Stream(typeof(Page).Assembly.GetManifestResourceStream(file)!, Path.GetExtension(file) switch { ".css" => "text/css", ".svg" => "image/svg+xml", _ => "text/javascript" }));
        await app.StartAsync();
        return host;
    }

    /// <summary>Puts in another state and tells all pages.</summary>
    public void Show(DashboardState state)
    {
        _state = state;
        foreach (var stream in _streams.Keys)
        {
            stream.Writer.TryWrite(state);
        }
    }

    /// <summary>Ends all streams, and refuses new ones until told otherwise.</summary>
    public async Task CutAsync()
    {
        _refuses = true;
        await _cut.CancelAsync();
    }

    public void Mend()
    {
        _cut = new CancellationTokenSource();
        _refuses = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _cut.CancelAsync();
        await _app.DisposeAsync();
        _cut.Dispose();
    }

    private async Task StreamAsync(HttpContext context, string? key)
    {
        if (_refuses)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var stream = Channel.CreateUnbounded<DashboardState>();
        stream.Writer.TryWrite(_state);
        _streams[stream] = true;
        context.Response.ContentType = "text/event-stream";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _cut.Token);
        try
        {
            await foreach (var state in stream.Reader.ReadAllAsync(ended.Token))
            {
                foreach (var (id, html) in Page.Sections(state, key))
                {
                    await context.Response.WriteAsync($"event: part\ndata: {JsonSerializer.Serialize(new { id, html })}\n\n", ended.Token);
                }

                await context.Response.Body.FlushAsync(ended.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The page went, or the test cut it off.
        }
        finally
        {
            _streams.TryRemove(stream, out _);
        }
    }
}
