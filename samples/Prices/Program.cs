using Microsoft.Extensions.Caching.Hybrid;
using Prices;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper"))
    .AddHybridCacheBackplane();
builder.Services.AddHybridCache();
builder.Services.AddSingleton<PriceList>();
var app = builder.Build();

// From this process's memory, else from the ring, else from the list; one reading however many ask.
app.MapGet("/prices/{product}", (string product, HybridCache cache, PriceList list) =>
    cache.GetOrCreateAsync(product, _ => list.ReadAsync(product), tags: ["prices"]));

// From here and the ring, and from the memory of every other process.
app.MapDelete("/prices/{product}", (string product, HybridCache cache) => cache.RemoveAsync(product));
app.MapDelete("/prices", (HybridCache cache) => cache.RemoveByTagAsync("prices"));
await app.RunAsync();
