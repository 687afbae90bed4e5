using System.Text.Json;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Ring;

public sealed class RendezvousRingTests
{
    private static readonly string File = Path.Combine(AppContext.BaseDirectory, "vectors", "rendezvous-vectors.json");

    [Fact]
    public void Every_order_of_the_published_vectors_is_met()
    {
        using var json = JsonDocument.Parse(System.IO.File.ReadAllText(File));
        var keys = json.RootElement.GetProperty("keys").EnumerateArray().Select(key => Convert.FromHexString(key.GetString()!)).ToList();
        foreach (var node in json.RootElement.GetProperty("rings").EnumerateArray())
        {
            var shards = node.GetProperty("shards").EnumerateArray()
                .Select((shard, i) => new Shard(shard.GetProperty("name").GetString()!, $":{i + 1}") { Weight = shard.GetProperty("weight").GetInt32() }).ToList();
            var ring = RingTypes.CreateBuilder(RingTypes.Rendezvous, "", node.GetProperty("hashTag").GetString(), null).Build(shards);
            var orders = keys.Select(key => OrderOf(ring, key));

            Assert.Equal(node.GetProperty("orders").EnumerateArray().Select(order => order.GetString()), orders);
        }
    }

    [Fact]
    public void The_keys_of_a_dead_shard_spread_evenly_over_all_others()
    {
        var ring = Build([.. Enumerable.Range(0, 8).Select(i => new Shard($"n{i}", $":{i + 1}"))]);
        var heirs = new int[8];
        Span<int> order = stackalloc int[2];
        for (var i = 0; i < 80_000; i++)
        {
            ring.GetOrder(BitConverter.GetBytes(i), order);
            heirs[order[1]] += order[0] == 3 ? 1 : 0;
        }

        Assert.Equal(0, heirs[3]);
        Assert.All(heirs.Where((_, i) => i != 3), count => Assert.InRange(count, heirs.Sum() / 7 * 0.9, heirs.Sum() / 7 * 1.1));
    }

    [Fact]
    public void More_shards_than_fit_the_stack_keep_the_order_and_a_prefix_of_it() =>
        Gen.Byte.Array[0, 20].Sample(
            key =>
            {
                var ring = Build([.. Enumerable.Range(0, 600).Select(i => new Shard($"n{i}", $":{i + 1}") { Weight = 1 + (i % 3) })]);
                var (all, some) = (new int[600], new int[9]);
                Assert.Equal((600, 9), (ring.GetOrder(key, all), ring.GetOrder(key, some)));
                Assert.Equal(all[..9], some);
                Assert.Equal(Enumerable.Range(0, 600), all.Order());
            },
            iter: 20);

    [Fact]
    public void A_name_given_twice_is_refused() =>
        Assert.Contains("'a'", Assert.Throws<RingKeeperException>(() => Build([new("a", ":1"), new("a", ":2")])).Message, StringComparison.Ordinal);

    private static HashRing Build(Shard[] shards) => RingTypes.CreateBuilder(RingTypes.Rendezvous, "").Build(shards);

    private static string OrderOf(HashRing ring, byte[] key)
    {
        var order = new int[ring.Shards.Count];
        return string.Join(',', order[..ring.GetOrder(key, order)]);
    }
}
