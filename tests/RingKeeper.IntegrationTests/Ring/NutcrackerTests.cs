using System.Text;
using RingKeeper.IntegrationTests.Servers;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Ring;

/// <summary>Writes keys through Debian's nutcracker and looks on which Redis server each lies.</summary>
public sealed class NutcrackerTests(RedisServers redis) : IClassFixture<RedisServers>
{
    private const int KeysPerPool = 2_000;

    public static TheoryData<NutcrackerPool> Pools =>
    [
        new NutcrackerPool(),
        new NutcrackerPool { Names = "" },
        new NutcrackerPool { Hash = "one_at_a_time" },
        new NutcrackerPool { Hash = "md5", Weights = "1,1,1,1,1", Names = "a,b,c,d,e" },
        new NutcrackerPool { Hash = "crc16" },
        new NutcrackerPool { Hash = "crc32" },
        new NutcrackerPool { Hash = "crc32a" },
        new NutcrackerPool { Hash = "fnv1_64" },
        new NutcrackerPool { Hash = "fnv1a_64", HashTag = "{}" },
        new NutcrackerPool { Hash = "fnv1_32" },
        new NutcrackerPool { Hash = "fnv1a_32", HashTag = "$$" },
        new NutcrackerPool { Hash = "hsieh" },
        new NutcrackerPool { Hash = "murmur", Weights = "1,2,3,4,5", Names = "a,b,c,d,e" },
        new NutcrackerPool { Hash = "jenkins", Weights = "10,1,7", HashTag = "()" },
        new NutcrackerPool { Hash = "md5", Weights = "1,1000", Names = "small,large" },
        new NutcrackerPool { Hash = "murmur", Weights = "3,1,4,1,5", Names = ",named,,too," },

        // With 25 servers nutcracker's rounding gives each 156 points instead of 160.
        new NutcrackerPool { Weights = string.Join(',', Enumerable.Repeat(1, 25)), Names = string.Join(',', Enumerable.Range(0, 25).Select(i => $"n{i}")) },
    ];

    [Theory]
    [MemberData(nameof(Pools))]
    public async Task Every_key_lies_where_our_ring_says(NutcrackerPool pool)
    {
        var shards = pool.ShardsAt([.. redis.All.Select(server => server.Addr)]);
        var ring = RingTypes.CreateBuilder(RingTypes.Ketama, "160", pool.HashTag, pool.Hash).Build(shards);
        var keys = Keys().ToList();

        var places = await PlacesAsync(pool, shards, keys);

        Assert.Equal(KeysPerPool, places.Count);
        var wrong = keys.Where(key => places[Convert.ToHexString(key)] != shards[ring.GetOwner(key)].Addr).ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {keys.Count} keys lie elsewhere, such as {string.Join(", ", wrong.Take(5).Select(Convert.ToHexString))}");
    }

    private async Task<Dictionary<string, string>> PlacesAsync(NutcrackerPool pool, IReadOnlyList<Shard> shards, IReadOnlyList<byte[]> keys)
    {
        foreach (var server in redis.All)
        {
            using var client = await LineClient.ConnectAsync(server.Port);
            Assert.Equal("+OK\r\n", await client.AskAsync("FLUSHALL\r\n"));
        }

        await using (var nutcracker = await NutcrackerServer.StartAsync(pool.Settings(), NutcrackerPool.ServersOf(shards), TestContext.Current.CancellationToken))
        await using (var proxy = await ConnectionMultiplexer.ConnectAsync($"{nutcracker.Addr},proxy=Twemproxy"))
        {
            var database = proxy.GetDatabase();
            await Task.WhenAll(keys.Select(key => database.StringSetAsync(key, "x")));
        }

        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var server in redis.All)
        {
            await using var direct = await ConnectionMultiplexer.ConnectAsync($"{server.Addr},allowAdmin=true");
            await foreach (var key in direct.GetServer(server.Addr).KeysAsync(pageSize: KeysPerPool))
            {
                places.Add(Convert.ToHexString((byte[])key!), server.Addr);
            }
        }

        return places;
    }

    // Text, text with tags whole and broken, and bytes of every value at every length up to 40.
    internal static IEnumerable<byte[]> Keys()
    {
        var random = new Random(20240229);
        for (var i = 0; i < KeysPerPool; i++)
        {
            yield return (i % 8) switch
            {
                0 => Encoding.UTF8.GetBytes($"user:{i}"),
                1 => Encoding.UTF8.GetBytes($"{{tag{i % 40}}}:{i}"),
                2 => Encoding.UTF8.GetBytes($"cart:${i / 3}$:(t{i / 5}):{i}"),
                3 => Encoding.UTF8.GetBytes((i % 3) switch { 0 => $"{{}}()$${i}", 1 => $"}}{{{i}", _ => $"x{{a{{b}}c}}{i}" }),
                4 => Encoding.UTF8.GetBytes($"größe:naïve:{i}"),
                _ => Binary(random, i),
            };
        }
    }

    // Ends with its number, so that no two are equal.
    private static byte[] Binary(Random random, int number)
    {
        var key = new byte[2 + (number % 39)];
        random.NextBytes(key);
        (key[^2], key[^1]) = ((byte)(number >> 8), (byte)number);
        return key;
    }
}
