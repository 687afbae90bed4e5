using RingKeeper;

namespace Orders;

public sealed class OrderWorker(ZKCluster orders) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var route = await orders.ConnectAsync("order:1000", cancellationToken: stoppingToken);
        await route.Database.StringSetAsync("order:1000", "paid");
    }
}
