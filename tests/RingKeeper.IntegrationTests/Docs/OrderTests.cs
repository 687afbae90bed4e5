using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The tests of docs/testing.md, as they stand there.</summary>
public sealed class OrderTests(OrdersFixture fixture) : IClassFixture<OrdersFixture>
{
    [Fact]
    public async Task An_order_can_be_paid_while_its_shard_is_dead()
    {
        var route = await fixture.Orders.ConnectAsync("order:1000");
        await fixture.Test.KillShardAsync(route.Shard.Name);
        await fixture.Test.WaitForShardAsync(fixture.Orders, route.Shard.Name, alive: false);

        await fixture.Orders.GetDatabase().StringSetAsync("order:1000", "paid");

        await fixture.Test.RestartShardAsync(route.Shard.Name);
        await fixture.Test.WaitForShardAsync(fixture.Orders, route.Shard.Name, alive: true);
    }

    [Fact]
    public async Task An_order_can_be_read_while_ZooKeeper_is_away()
    {
        await fixture.Test.StopZooKeeperAsync();
        await fixture.Test.WaitForZooKeeperAsync(fixture.Orders, connected: false);

        await fixture.Orders.GetDatabase().StringGetAsync("order:1000");

        await fixture.Test.StartZooKeeperAsync();
        await fixture.Test.WaitForZooKeeperAsync(fixture.Orders, connected: true);
    }
}
