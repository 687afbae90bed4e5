using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using RingKeeper;
using RingKeeper.ZooKeeper;

// Where to and how often is up to the usual settings, such as OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL and OTEL_METRIC_EXPORT_INTERVAL.
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper")).AddHealthCheck();
builder.Services.AddOpenTelemetry()
    .WithMetrics(metrics => metrics.AddMeter(RingKeeperTelemetry.SourceName, ZooKeeperTelemetry.SourceName).AddOtlpExporter())
    .WithTracing(traces => traces.AddSource("Microsoft.AspNetCore", RingKeeperTelemetry.SourceName, ZooKeeperTelemetry.SourceName).AddOtlpExporter());
var app = builder.Build();
app.MapHealthChecks("/health");
app.MapPut("/orders/{id}/{state}", (string id, string state, ZKCluster orders) => orders.GetDatabase().StringSetAsync($"order:{id}", state));
app.MapGet("/orders/{id}", async (string id, ZKCluster orders) => (string?)await orders.GetDatabase().StringGetAsync($"order:{id}") ?? "unknown");
await app.RunAsync();
