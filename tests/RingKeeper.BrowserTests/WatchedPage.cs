using System.Collections.Concurrent;
using Microsoft.Playwright;
using Xunit;

namespace RingKeeper.BrowserTests;

/// <summary>A page in a browser, and whatever it did that a page of ours must not do: dialogs, errors, requests elsewhere, violations of its own policy.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly ConcurrentQueue<string> _requests = new();

    private WatchedPage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>What was asked for, by address.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Errors that the test brings about itself, such as a connection that it ends.</summary>
    public Func<string, bool> Expected { get; set; } = static _ => false;

    public static async Task<WatchedPage> OpenAsync(IBrowserContext context)
    {
        var watched = new WatchedPage(context, await context.NewPageAsync());
        watched.Page.Console += (_, message) => watched.Note(message.Type is "error" or "warning", $"console {message.Type}: {message.Text}");
        watched.Page.PageError += (_, error) => watched.Note(true, $"script: {error}");
        watched.Page.Request += (_, request) => watched._requests.Enqueue(request.Url);
        watched.Page.Dialog += async (_, dialog) =>
        {
            watched.Note(true, $"dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        return watched;
    }

    /// <summary>Goes to an address and returns when it is shown.</summary>
    public async Task<IResponse> GoAsync(string address) => (await Page.GotoAsync(address, new() { WaitUntil = WaitUntilState.DOMContentLoaded }))!;

    /// <summary>Fails if the page did anything that it must not do.</summary>
    public void MustBeClean(string origin)
    {
        Assert.DoesNotContain(_wrong, line => !Expected(line));
        Assert.All(_requests, request => Assert.StartsWith(origin + "/", request, StringComparison.Ordinal));
    }

    /// <summary>By how many pixels the page is wider than the window.</summary>
    public Task<int> OverflowAsync() => Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private void Note(bool wrong, string line)
    {
        if (wrong)
        {
            _wrong.Enqueue(line);
        }
    }
}
