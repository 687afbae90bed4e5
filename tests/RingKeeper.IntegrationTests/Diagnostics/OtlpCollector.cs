using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RingKeeper.IntegrationTests.Diagnostics;

/// <summary>A point of a metric that has arrived.</summary>
internal sealed record OtlpPoint(string Meter, string Name, string Unit, string Kind, IReadOnlyDictionary<string, string> Tags);

/// <summary>A span that has arrived.</summary>
internal sealed record OtlpSpan(string Source, string Name, ulong Kind, IReadOnlyDictionary<string, string> Tags);

/// <summary>Takes metrics and spans by OTLP over HTTP with Protocol Buffers, as a collector does. Numbers of fields: opentelemetry-proto 1.x.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private static readonly (int Field, string Kind)[] Kinds = [(5, "gauge"), (7, "sum"), (9, "histogram")];

    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly List<byte[]> _bodies = [];
    private readonly List<OtlpPoint> _points = [];
    private readonly List<OtlpSpan> _spans = [];
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OtlpCollector(WebApplication app)
    {
        _app = app;
        app.MapPost("/v1/metrics", request => TakeAsync(request, body => _points.AddRange(Points(body))));
        app.MapPost("/v1/traces", request => TakeAsync(request, body => _spans.AddRange(Spans(body))));
    }

    public string Address => _app.Urls.Single();

    public static async Task<OtlpCollector> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        await collector._app.StartAsync(cancellationToken);
        return collector;
    }

    /// <summary>Waits until what has arrived is as wanted; says what has, if that takes too long.</summary>
    public async Task WaitAsync(Func<IReadOnlyList<OtlpPoint>, IReadOnlyList<OtlpSpan>, bool> isAsWanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            lock (_gate)
            {
                if (isAsWanted(_points, _spans))
                {
                    return;
                }

                next = _arrived.Task;
            }

            try
            {
                await next.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException late)
            {
                lock (_gate)
                {
                    throw new InvalidOperationException(
                        $"Arrived: {string.Join(", ", _points.Select(static point => $"{point.Meter}/{point.Name}").Concat(_spans.Select(static span => $"span {span.Source}/{span.Name}")).Distinct())}.", late);
                }
            }
        }
    }

    public (IReadOnlyList<OtlpPoint> Points, IReadOnlyList<OtlpSpan> Spans, IReadOnlyList<byte[]> Bodies) Arrived()
    {
        lock (_gate)
        {
            return ([.. _points], [.. _spans], [.. _bodies]);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static IEnumerable<OtlpPoint> Points(ProtobufFields request) =>
        from resource in request.All(1)
        from scope in resource.All(2)
        from metric in scope.All(2)
        from kind in Kinds
        where metric.Has(kind.Field)
        from point in metric.All(kind.Field).Single().All(1)
        select new OtlpPoint(scope.All(1).Single().Text(1), metric.Text(1), metric.Text(3), kind.Kind, Tags(point.All(kind.Kind == "histogram" ? 9 : 7)));

    private static IEnumerable<OtlpSpan> Spans(ProtobufFields request) =>
        from resource in request.All(1)
        from scope in resource.All(2)
        from span in scope.All(2)
        select new OtlpSpan(scope.All(1).Single().Text(1), span.Text(5), span.Number(6), Tags(span.All(9)));

    private static Dictionary<string, string> Tags(IEnumerable<ProtobufFields> attributes) =>
        attributes.ToDictionary(static tag => tag.Text(1), static tag => tag.All(2).Single() is var value && value.Has(1) ? value.Text(1) : $"{value.Number(3)}", StringComparer.Ordinal);

    private async Task TakeAsync(HttpContext context, Action<ProtobufFields> take)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        TaskCompletionSource arrived;
        lock (_gate)
        {
            _bodies.Add(body.ToArray());
            take(new ProtobufFields(_bodies[^1]));
            (arrived, _arrived) = (_arrived, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        arrived.SetResult();
        context.Response.ContentType = "application/x-protobuf";
    }
}
