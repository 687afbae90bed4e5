using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Dashboard;

/// <summary>An ASP.NET Core application with a dashboard, on a free port of loopback.</summary>
internal sealed class DashboardApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DashboardApp(WebApplication app) => _app = app;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public static async Task<DashboardApp> StartAsync(Action<IServiceCollection> configure, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        configure(builder.Services);
        var app = builder.Build();
        map(app);
        await app.StartAsync(Cancel.Soon);
        var started = new DashboardApp(app);
        started.Http.BaseAddress = new Uri(app.Urls.Single());
        return started;
    }

    public async Task<(HttpStatusCode Status, string Text)> GetAsync(string address)
    {
        using var response = await Http.GetAsync(new Uri(address, UriKind.Relative), Cancel.Soon);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancel.Soon));
    }

    public Task<LiveReader> FollowAsync(string address) => LiveReader.OpenAsync(Http, address);

    public Task StopAsync() => _app.StopAsync(Cancel.Soon);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>Reads a live stream as a browser does: it holds the parts as they are.</summary>
internal sealed class LiveReader : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private LiveReader(HttpResponseMessage response, StreamReader lines) => (_response, _lines) = (response, lines);

    public HttpResponseMessage Response => _response;

    public Dictionary<string, string> Parts { get; } = new(StringComparer.Ordinal);

    public static async Task<LiveReader> OpenAsync(HttpClient http, string address)
    {
        var response = await http.GetAsync(new Uri(address, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel.Soon);
        return new LiveReader(response, new StreamReader(await response.Content.ReadAsStreamAsync(Cancel.Soon)));
    }

    /// <summary>Reads on until the parts are as wanted.</summary>
    public async Task UntilAsync(Func<IReadOnlyDictionary<string, string>, bool> isWanted)
    {
        var soon = Cancel.Soon;
        try
        {
            while (!isWanted(Parts) && await ReadAsync(soon))
            {
                // The next line.
            }
        }
        catch (OperationCanceledException)
        {
            // Told below.
        }

        if (!isWanted(Parts))
        {
            throw new TimeoutException($"The parts never were as wanted; they are {string.Join('\n', Parts)}");
        }
    }

    /// <summary>Reads one line; false at the end.</summary>
    public async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (await _lines.ReadLineAsync(cancellationToken) is not { } line)
        {
            return false;
        }

        if (line.StartsWith("data: ", StringComparison.Ordinal))
        {
            var part = JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]);
            Parts[part.GetProperty("id").GetString()!] = part.GetProperty("html").GetString()!;
        }

        return true;
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}
