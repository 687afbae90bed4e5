using Orders;
using RingKeeper;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper"))
    .AddHealthCheck();
builder.Services.AddHostedService<OrderWorker>();
var app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/orders/{id}", async (string id, ZKCluster orders) =>
    (string?)await orders.GetDatabase().StringGetAsync($"order:{id}") ?? "unknown");
await app.RunAsync();
