using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Topology;

public sealed class TopologyHistoryTests
{
    private static readonly ZKClusterOptions Options = new() { RingType = RingTypes.Consistent, RingParams = "4" };

    private static readonly Gen<Shard[]> GenShards =
        Gen.Select(Gen.Int[0, 5].Select(static i => (char)('a' + i)), Gen.Int[1, 5], static (name, port) => new Shard($"{name}", $":{port}")).Array[1, 5]
            .Select(static shards => shards.DistinctBy(static s => s.Name).DistinctBy(static s => s.Addr).ToArray());

    [Fact]
    public void The_last_change_of_a_walk_is_the_end_of_the_newest_topology_that_walked_otherwise()
    {
        Gen.Select(GenShards.Array[1, 6], Gen.Int[0, 4], Gen.String[Gen.Char['a', 'z'], 1, 8], Gen.Int[0, 3]).Sample((topologies, at, text, floor) =>
        {
            // The serving shard is one of the present topology's.
            var place = Math.Min(at, topologies[0].Length - 1);
            var key = Encoding.UTF8.GetBytes(text);
            var earlier = topologies.Skip(1).Select((shards, i) => new EarlierTopology(10 * (topologies.Length - i), Options, shards)).ToImmutableArray();
            var history = new TopologyHistory(floor, earlier);

            // By the words of the rule: between each topology and the next newer one, newest first.
            var walks = topologies.Select(shards => Walk(Options.CreateRingBuilder().Build(shards), key, place + 1)).ToList();
            var expected = (long)floor;
            for (var i = 1; i < walks.Count; i++)
            {
                if (!walks[i].SequenceEqual(walks[i - 1]))
                {
                    expected = Math.Max(floor, earlier[i - 1].Ended);
                    break;
                }
            }

            Assert.Equal(expected, history.LastChange(Options.CreateRingBuilder().Build(topologies[0]), key, place));
        });
    }

    [Fact]
    public void A_walk_is_a_row_of_addresses_and_not_of_names()
    {
        var key = "key"u8.ToArray();
        var present = new[] { new Shard("a", ":1"), new Shard("b", ":2") };
        var renamed = new TopologyHistory(0, [new EarlierTopology(10, Options, [new Shard("a", ":2"), new Shard("b", ":1")])]);

        Assert.Equal(10, renamed.LastChange(Options.CreateRingBuilder().Build(present), key, 0));
    }

    [Fact]
    public void Keys_whose_walk_did_not_change_keep_their_epoch_and_the_others_get_a_new_one()
    {
        var before = new[] { new Shard("a", ":1"), new Shard("b", ":2"), new Shard("c", ":3") };
        var after = new[] { before[0], before[1], new Shard("d", ":4") };
        var statuses = after.Select(static s => new ShardStatus(s.Addr, true, 7)).ToDictionary(static s => s.Addr);
        var view = new ClusterView(Options.CreateRingBuilder().Build(after), true, 1, new TopologyHistory(5, [new EarlierTopology(50, Options, before)]), 1, statuses);
        var earlier = Options.CreateRingBuilder().Build(before);
        var (kept, moved) = (0, 0);
        for (var i = 0; i < 200; i++)
        {
            var key = Encoding.UTF8.GetBytes($"key{i}");
            var same = before[earlier.GetOwner(key)].Addr == after[view.Ring.GetOwner(key)].Addr;
            (kept, moved) = same ? (kept + 1, moved) : (kept, moved + 1);

            Assert.Equal(same ? 7 : 50, view.ExactValidSince(key, RoutePolicy.Failover));
            var route = view.Route(key, RoutePolicy.Failover);
            Assert.Equal((50, 7), (route.ValidSince, route.LeastValidSince));
        }

        Assert.True(kept > 20 && moved > 20, $"{kept} kept, {moved} moved");
    }

    [Fact]
    public void A_topology_whose_ring_cannot_be_built_moved_every_key()
    {
        var later = Options with { RingType = "OfALaterVersion" };
        var history = new TopologyHistory(0, [new EarlierTopology(10, later, [new Shard("a", ":1")])]);

        Assert.Equal(10, history.LastChange(Options.CreateRingBuilder().Build([new Shard("a", ":1")]), "k"u8, 0));
    }

    [Fact]
    public void A_walk_longer_than_an_earlier_topology_was_changed()
    {
        var history = new TopologyHistory(0, [new EarlierTopology(10, Options, [new Shard("a", ":1")])]);
        var ring = Options.CreateRingBuilder().Build([new Shard("a", ":1"), new Shard("b", ":2")]);
        var key = Enumerable.Range(0, 100).Select(static i => Encoding.UTF8.GetBytes($"k{i}")).First(k => ring.Shards[ring.GetOwner(k)].Name == "a");

        Assert.Equal(0, history.LastChange(ring, key, 0));
        Assert.Equal(10, history.LastChange(ring, key, 1));
    }

    private static List<string> Walk(HashRing ring, byte[] key, int count)
    {
        var order = new int[count];
        return [.. order.Take(ring.GetOrder(key, order)).Select(i => ring.Shards[i].Addr)];
    }
}
