using RingKeeper;

namespace Orders;

public sealed class OrderWorker(ZKCluster orders) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        orders.GetDatabase().StringSetAsync("order:1000", "paid");
}
