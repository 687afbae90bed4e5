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

    [Fact]
    public async Task A_scan_is_resumed_from_its_cursor()
    {
        var client = await StartAsync();
        var db = client.GetDatabase();
        var fields = Enumerable.Range(0, 2000).Select(i => (RedisValue)$"f{i}").ToArray();
        await db.HashSetAsync("large", [.. fields.Select(field => new HashEntry(field, 1))]);
        var seen = new HashSet<RedisValue>();
        var scan = db.HashScanAsync("large", pageSize: 50);
        await foreach (var entry in scan)
        {
            seen.Add(entry.Name);
            if (seen.Count == 500)
            {
                break;
            }
        }

        var cursor = (IScanningCursor)scan;
        Assert.NotEqual(0, cursor.Cursor);
        Assert.Equal(50, cursor.PageSize);
        var rest = db.HashScanAsync("large", pageSize: 50, cursor: cursor.Cursor, pageOffset: cursor.PageOffset);
        var resumed = await rest.CountAsync();
        await foreach (var entry in rest)
        {
            seen.Add(entry.Name);
        }

        Assert.InRange(resumed, 1400, 1600);
        Assert.Equal(2000, seen.Count);
    }
}
