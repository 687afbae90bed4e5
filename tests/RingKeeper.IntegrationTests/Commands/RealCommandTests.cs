using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Commands;

/// <summary>The suite on Apache ZooKeeper and redis-server, and what only redis-server can.</summary>
public sealed class RealCommandTests : CommandSuite<RealStack>
{
    [Fact]
    public async Task Streams_are_written_and_read_by_single_keys_and_by_several_under_one_tag()
    {
        var client = await StartAsync();
        var db = client.GetDatabase();
        for (var i = 0; i < 10; i++)
        {
            RedisKey left = $"{{s{i}}}:left", right = $"{{s{i}}}:right";
            await db.StreamAddAsync(left, "n", i);
            await db.StreamAddAsync(right, "n", i);
            await db.StreamCreateConsumerGroupAsync(left, "readers", StreamPosition.Beginning);

            Assert.Equal(i, (int)Assert.Single(await db.StreamRangeAsync(left))["n"]);
            Assert.Equal(2, (await db.StreamReadAsync([new(left, "0-0"), new(right, "0-0")], 10, CommandFlags.None)).Length);
            var read = Assert.Single(await db.StreamReadGroupAsync(left, "readers", "me", ">"));
            Assert.Equal(1, await db.StreamAcknowledgeAsync(left, "readers", read.Id));
        }
    }
}
