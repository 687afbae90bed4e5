using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RingKeeper.Dashboard;

/// <summary>Writes the parts of a page as server-sent events (WHATWG HTML, 9.2): all at first, then those that changed.</summary>
internal static class LiveStream
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    // The browser comes back by itself, and the application's authorization looks at it anew.
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(15);

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Sets what comes before the stream.</summary>
    public static void Head(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";

        // Proxies of a common kind hold back what they could collect.
        context.Response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Writes until the client leaves, the application stops, or the stream is so old that who reads it should be looked at anew.</summary>
    public static async Task WriteAsync(HttpContext context, DashboardFeed feed, string? key, TimeProvider time, CancellationToken stopping)
    {
        Head(context);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var old = new CancellationTokenSource(MaxAge, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping, old.Token);
        try
        {
            await WriteAsync(context.Response, feed, key, time, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // As good an end as any.
        }
    }

    private static async Task WriteAsync(HttpResponse response, DashboardFeed feed, string? key, TimeProvider time, CancellationToken cancellationToken)
    {
        var sent = new Dictionary<string, string>(StringComparer.Ordinal);
        var buffer = new ArrayBufferWriter<byte>();

        // When it ends, the browser is to come back after a second, not after the three that it takes by itself.
        buffer.Write("retry: 1000\n\n"u8);
        var states = feed.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        var next = states.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                try
                {
                    if (!await next.WaitAsync(Beat, time, CancellationToken.None).ConfigureAwait(false))
                    {
                        return;
                    }

                    Add(buffer, states.Current, key, sent);
                    next = states.MoveNextAsync().AsTask();
                }
                catch (TimeoutException)
                {
                    // A line of comment: a client that is gone without a word is noticed by writing to it.
                    buffer.Write(":\n\n"u8);
                }

                if (buffer.WrittenCount > 0)
                {
                    await response.Body.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
                    await response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
                    buffer.ResetWrittenCount();
                }
            }
        }
        finally
        {
            await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
            await states.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static void Add(ArrayBufferWriter<byte> buffer, DashboardState state, string? key, Dictionary<string, string> sent)
    {
        foreach (var (id, html) in Page.Sections(state, key))
        {
            if (sent.GetValueOrDefault(id) == html)
            {
                continue;
            }

            sent[id] = html;
            buffer.Write("event: part\ndata: "u8);
            using (var json = new Utf8JsonWriter(buffer, Json))
            {
                json.WriteStartObject();
                json.WriteString("id"u8, id);
                json.WriteString("html"u8, html);
                json.WriteEndObject();
            }

            buffer.Write("\n\n"u8);
        }
    }
}
