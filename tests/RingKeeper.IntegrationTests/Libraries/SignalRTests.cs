using Microsoft.AspNetCore.SignalR;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Libraries;

/// <summary>Microsoft.AspNetCore.SignalR.StackExchangeRedis on the face that follows failover: two servers, and a user with a connection to each.</summary>
[Trait("Speed", "Slow")]
public sealed class SignalRTests
{
    private const string Group = "readers";
    private static readonly string Hub = typeof(NewsHub).FullName!;

    [Theory]
    [InlineData("all")]
    [InlineData("group:readers")]
    [InlineData("user:ann")]
    [InlineData("internal:groups")]
    public async Task News_cross_servers_once_and_in_order_before_after_and_long_after_the_death_of_a_channels_shard(string channel)
    {
        await using var scene = await LibraryScene.StartAsync();
        var one = await scene.ConnectAsync();
        var other = await scene.ConnectAsync();
        await using var here = await HubServer.StartAsync(one);
        await using var there = await HubServer.StartAsync(other);
        await using var ann = await HubReader.ConnectAsync(here, "ann");
        await using var annToo = await HubReader.ConnectAsync(there, "ann");
        var readers = new[] { ann, annToo };
        await StartedAsync(one, servers: 2);

        // Each server adds the other one's connection, which takes an answer from there.
        await ann.CallAsync(nameof(NewsHub.Join), annToo.Id, Group);
        await annToo.CallAsync(nameof(NewsHub.Join), ann.Id, Group);
        await TellAndHearAsync(readers, "before");

        var listeners = await ListenersAsync(one);
        Assert.Contains(RedisChannel.Literal($"{Hub}:{channel}"), listeners.Keys);
        var shard = LibraryScene.OwnerOf(one, $"{Hub}:{channel}");
        await scene.KillAsync(shard);
        var told = await TellInTheMeantimeAsync(ann);
        await scene.AgreedAsync(shard);
        await ListenedToAsync(one, listeners);
        await TellAndHearAsync(readers, "during");
        await RegroupAsync(ann, annToo);

        await scene.ReturnAsync(shard);
        await ListenedToAsync(one, listeners);
        await TellAndHearAsync(readers, "after");
        await RegroupAsync(annToo, ann);
        await TellAndHearAsync(readers, "at the end");

        // What was told between the death and the agreement may have been lost; nothing was heard twice.
        foreach (var reader in readers)
        {
            Assert.Equal(reader.News.Distinct(), reader.News);
            Assert.Empty(reader.News.Where(news => news.StartsWith("meantime", StringComparison.Ordinal)).Except(told));
        }
    }

    private static async Task TellAndHearAsync(HubReader[] readers, string when)
    {
        const int Rounds = 20;
        foreach (var to in new[] { "all", "group", "user" })
        {
            // One teller at a time: between two there is no order.
            foreach (var (i, teller) in readers.Index())
            {
                for (var round = 0; round < Rounds; round++)
                {
                    await TellAsync(teller, to, $"{when}, {to}, by {i}: {round}");
                }

                foreach (var reader in readers)
                {
                    await reader.CameAsync($"{when}, {to}, by {i}: {Rounds - 1}");
                    Assert.Equal(Enumerable.Range(0, Rounds).Select(round => $"{when}, {to}, by {i}: {round}"), reader.News.Where(news => news.StartsWith($"{when}, {to}, by {i}", StringComparison.Ordinal)));
                }
            }
        }
    }

    private static Task TellAsync(HubReader teller, string to, string news) => to switch
    {
        "all" => teller.CallAsync(nameof(NewsHub.TellAll), news),
        "group" => teller.CallAsync(nameof(NewsHub.TellGroup), Group, news),
        _ => teller.CallAsync(nameof(NewsHub.TellUser), "ann", news),
    };

    private static async Task<IReadOnlyList<string>> TellInTheMeantimeAsync(HubReader teller)
    {
        var told = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            foreach (var to in new[] { "all", "group", "user" })
            {
                told.Add($"meantime, {to}: {i}");
                try
                {
                    await TellAsync(teller, to, told[^1]);
                }
                catch (HubException)
                {
                    // The hub's method failed, and its caller was told.
                }
            }
        }

        return told;
    }

    private static async Task RegroupAsync(HubReader teller, HubReader moved)
    {
        await teller.CallAsync(nameof(NewsHub.Leave), moved.Id, Group);
        var missed = $"without {moved.Id}: {Guid.NewGuid()}";
        await teller.CallAsync(nameof(NewsHub.TellGroup), Group, missed);
        await teller.CameAsync(missed);
        await teller.CallAsync(nameof(NewsHub.Join), moved.Id, Group);
        var heard = $"with {moved.Id}: {Guid.NewGuid()}";
        await teller.CallAsync(nameof(NewsHub.TellGroup), Group, heard);
        await moved.CameAsync(heard);
        Assert.False(moved.HasCome(missed));
    }

    /// <summary>How many listen to each of the hub's channels, those of single connections and of answers between the servers too.</summary>
    private static async Task<IReadOnlyDictionary<RedisChannel, long>> ListenersAsync(ZKCluster cluster)
    {
        var listeners = new Dictionary<RedisChannel, long>();
        foreach (var server in cluster.GetMultiplexer().GetServers())
        {
            foreach (var channel in await server.SubscriptionChannelsAsync(RedisChannel.Pattern($"{Hub}:*")))
            {
                listeners[channel] = await server.SubscriptionSubscriberCountAsync(channel);
            }
        }

        return listeners;
    }

    // A hub's server takes connections before its own subscriptions stand, of which the one for answers is the last that this test needs.
    private static async Task StartedAsync(ZKCluster cluster, int servers)
    {
        var soon = Cancel.Soon;
        while ((await ListenersAsync(cluster)).Keys.Count(channel => channel.ToString().StartsWith($"{Hub}:internal:ack:", StringComparison.Ordinal)) < servers)
        {
            Assert.False(soon.IsCancellationRequested, "A hub's server does not listen for answers.");
        }
    }

    // Clients move their subscriptions by themselves as the view changes; each turn waits for a server's answer.
    private static async Task ListenedToAsync(ZKCluster cluster, IReadOnlyDictionary<RedisChannel, long> listeners)
    {
        var soon = Cancel.Soon;
        var database = cluster.GetDatabase();
        foreach (var (channel, count) in listeners)
        {
            while (await CountAsync(database, channel) < count)
            {
                Assert.False(soon.IsCancellationRequested, $"{channel} is not listened to on the shard that serves it.");
            }
        }
    }

    private static async Task<long> CountAsync(IDatabase database, RedisChannel channel)
    {
        var endPoint = await database.IdentifyEndpointAsync((byte[])channel!, CommandFlags.None);
        return await database.Multiplexer.GetServer(endPoint!).SubscriptionSubscriberCountAsync(channel);
    }
}
