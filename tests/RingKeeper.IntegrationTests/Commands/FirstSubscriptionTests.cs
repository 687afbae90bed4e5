using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Commands;

/// <summary>The first subscriptions over a connection to a real redis-server: the socket that is listened on is opened only for them.</summary>
public sealed class FirstSubscriptionTests
{
    [Theory]
    [InlineData(RedisProtocol.Resp2)]
    [InlineData(RedisProtocol.Resp3)]
    public async Task A_subscription_made_at_once_after_connecting_is_heard_and_leaves_nothing_behind(RedisProtocol protocol)
    {
        await using var server = await RedisServer.StartAsync();
        foreach (var isAsynchronous in new[] { false, true })
        {
            await using var connector = await SingleConnector.ConnectAsync(server.Addr, new ClusterOptions { ConfigureRedis = redis => redis.Protocol = protocol }, Cancel.Soon);
            var subscriber = connector.GetMultiplexer().GetSubscriber();
            var news = RedisChannel.Literal($"news {isAsynchronous}");

            var queue = isAsynchronous ? await subscriber.SubscribeAsync(news) : subscriber.Subscribe(news);
            Assert.Equal(1, await subscriber.PublishAsync(news, "first"));
            Assert.Equal("first", (await queue.ReadAsync(Cancel.Soon)).Message);

            await subscriber.UnsubscribeAsync(news);
            await subscriber.PingAsync();
            Assert.Equal(0, await subscriber.PublishAsync(news, "nobody listens"));
        }
    }
}
