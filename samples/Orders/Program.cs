using Orders;
using RingKeeper;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper"))
    .AddHealthCheck();
builder.Services.AddHostedService<OrderWorker>();
var app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/orders/{id}", async (string id, ZKCluster orders) =>
{
    var route = await orders.ConnectAsync($"order:{id}");
    return (string?)await route.Database.StringGetAsync($"order:{id}") ?? "unknown";
});
await app.RunAsync();
