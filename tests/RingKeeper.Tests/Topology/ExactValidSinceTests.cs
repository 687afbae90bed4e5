using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Topology;

public sealed class ExactValidSinceTests
{
    private static readonly Gen<Shard[]> GenShards =
        Gen.Select(Gen.Int[0, 5].Select(static i => (char)('a' + i)), Gen.Int[1, 5], static (name, port) => new Shard($"{name}", $":{port}")).Array[1, 5]
            .Select(static shards => shards.DistinctBy(static s => s.Name).DistinctBy(static s => s.Addr).ToArray());

    private static readonly Gen<ShardStatus[]> GenStatuses =
        Gen.Select(Gen.Bool, Gen.Int[0, 60]).Array[5].Select(static drawn => drawn.Select(static (d, i) => new ShardStatus($":{i + 1}", d.Item1, d.Item2)).ToArray());

    [Fact]
    public void It_is_the_rule_word_by_word_and_never_above_the_epoch_to_write_under()
    {
        Gen.Select(GenShards.Array[1, 5], GenStatuses, Gen.Int[0, 50], Gen.Bool, Gen.Bool, Gen.Int[0, 99]).Sample((topologies, statuses, floor, isKetama, failover, number) =>
        {
            var options = new ZKClusterOptions { RingType = isKetama ? RingTypes.Ketama : RingTypes.Consistent, RingParams = "4" };
            var key = Encoding.ASCII.GetBytes($"key{number}");
            var byAddr = statuses.ToDictionary(static s => s.Addr, StringComparer.Ordinal);
            var earlier = topologies.Skip(1).Select((shards, i) => new EarlierTopology(10 * (topologies.Length - i), options, shards)).ToImmutableArray();
            var view = new ClusterView(options.CreateRingBuilder().Build(topologies[0]), failover, 1, new TopologyHistory(floor, earlier), 1, byAddr);
            var policy = number % 2 == 0 ? RoutePolicy.Failover : RoutePolicy.OwnerOnly;

            var walks = topologies.Select(shards => Walk(options.CreateRingBuilder().Build(shards), key)).ToList();
            var place = walks[0].FindIndex(addr => byAddr[addr].Alive);
            var exact = view.ExactValidSince(key, policy);
            if (place < 0 || (place > 0 && (!failover || policy == RoutePolicy.OwnerOnly)))
            {
                Assert.Equal(long.MaxValue, exact);
                return;
            }

            var expected = Math.Max(floor, walks[0].Take(place + 1).Max(addr => byAddr[addr].Since));
            for (var i = 1; i < walks.Count; i++)
            {
                if (!walks[i].Take(place + 1).SequenceEqual(walks[i - 1].Take(place + 1)))
                {
                    expected = Math.Max(expected, earlier[i - 1].Ended);
                    break;
                }
            }

            var route = view.Route(key, policy);
            Assert.Equal(expected, exact);
            Assert.InRange(exact, route.LeastValidSince, route.ValidSince);
        });
    }

    private static List<string> Walk(HashRing ring, byte[] key)
    {
        var order = new int[ring.Shards.Count];
        return [.. order.Take(ring.GetOrder(key, order)).Select(i => ring.Shards[i].Addr)];
    }
}
