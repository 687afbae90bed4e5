using System.IO.Hashing;
using System.Text;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Ring;

public sealed class PointTableTests
{
    // Dense enough to coincide and to crowd one place of the jump table, and the ends, where a ring wraps.
    private static readonly Gen<uint> Points = Gen.OneOf(
        Gen.UInt[0, 40],
        Gen.UInt[0x7fff_fff0, 0x8000_0010],
        Gen.UInt[uint.MaxValue - 3, uint.MaxValue],
        Gen.UInt);

    [Fact]
    public void Owners_and_orders_are_those_of_a_naive_search() =>
        Gen.Select(Gen.Select(Points, Gen.Int[0, 11]).Array[1, 200], Points.Array[20]).Sample((placed, hashes) =>
        {
            var sorted = placed.OrderBy(static point => point.Item1).ThenBy(static point => point.Item2).ToArray();
            var table = new PointTable([.. sorted.Select(static point => PointTable.Pack(point.Item1, point.Item2))], 12);
            Assert.Equal(sorted.Length, table.Count);
            foreach (var hash in hashes.Concat(sorted.SelectMany(static point => new[] { point.Item1 - 1, point.Item1, point.Item1 + 1 })))
            {
                var expected = sorted.Where(point => point.Item1 >= hash).Concat(sorted.Where(point => point.Item1 < hash)).Select(static point => point.Item2).Distinct().ToArray();
                Assert.Equal(expected[0], table.OwnerOf(hash));
                foreach (var wanted in new[] { 1, 2, 8, 9, 12, 20 })
                {
                    var order = new int[wanted];
                    Assert.Equal(expected.Take(wanted), order[..table.GetOrder(hash, order)]);
                }
            }
        }, iter: 200);

    [Fact]
    public void A_ring_of_160000_points_agrees_with_a_naive_search()
    {
        var shards = Enumerable.Range(0, 1000).Select(i => new Shard($"shard-{i}", $":{i + 1}")).ToArray();
        var ring = new ConsistentRingBuilder("160").Build(shards);
        var owners = new SortedDictionary<uint, int>();
        for (var shard = 0; shard < shards.Length; shard++)
        {
            for (var j = 0; j < 160; j++)
            {
                owners[Crc32.HashToUInt32(Encoding.UTF8.GetBytes(j + shards[shard].Name))] = shard;
            }
        }

        var points = owners.ToArray();
        var order = new int[100];
        for (var i = 0; i < 500; i++)
        {
            var key = Encoding.UTF8.GetBytes($"key:{i}");
            var hash = Crc32.HashToUInt32(key);
            var expected = points.Where(point => point.Key >= hash).Concat(points.Where(point => point.Key < hash)).Select(static point => point.Value).Distinct().Take(order.Length);
            Assert.Equal(expected, order[..ring.GetOrder(key, order)]);
            Assert.Equal(order[0], ring.GetOwner(key));
        }
    }
}
