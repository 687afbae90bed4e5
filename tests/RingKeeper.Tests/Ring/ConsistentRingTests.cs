using System.IO.Hashing;
using System.Text;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Ring;

public sealed class ConsistentRingTests
{
    private static readonly Gen<byte[]> Keys = Gen.Byte.Array[0, 40];
    private static readonly Gen<Shard[]> ShardLists = Gen.String[Gen.Char["abx01é"], 0, 4].Array[1, 12]
        .Select(names => names.Select((name, i) => new Shard(name, $":{i + 1}")).ToArray());

    [Theory]
    [InlineData("4", 4L)]
    [InlineData("+4", 4L)]
    [InlineData("04", 4L)]
    [InlineData("-7", -7L)]
    [InlineData("-0", 0L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void RingParams_reads_as_Go_reads_it(string text, long expected) => Assert.Equal(expected, ConsistentRingBuilder.ParseAtoi(text));

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData("abc")]
    [InlineData(" 4")]
    [InlineData("4 ")]
    [InlineData("4\n")]
    [InlineData("4.0")]
    [InlineData("0x4")]
    [InlineData("1_0")]
    [InlineData("１")]
    [InlineData("--4")]
    [InlineData("4\0")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999999999999999")]
    public void RingParams_that_is_no_integer_means_as_many_points_as_shards(string text)
    {
        Assert.Null(ConsistentRingBuilder.ParseAtoi(text));
        var ring = (ConsistentRing)new ConsistentRingBuilder(text).Build([new("a", ":1"), new("b", ":2"), new("c", ":3")]);
        Assert.Equal(9, ring.AllPoints.Count());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("-1")]
    [InlineData("9223372036854775807")]
    [InlineData("20000000")]
    public void RingParams_without_a_usable_number_of_points_is_refused_by_value_and_remedy(string text)
    {
        var exception = Assert.Throws<RingKeeperException>(() => new ConsistentRingBuilder(text).Build([new("a", ":1")]));

        Assert.Contains($"'{text}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("1 to 10000", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4")]
    [InlineData("0")]
    [InlineData("")]
    public void A_ring_without_shards_is_refused(string ringParams) =>
        Assert.Contains("at least one shard", Assert.Throws<RingKeeperException>(() => new ConsistentRingBuilder(ringParams).Build([])).Message, StringComparison.Ordinal);

    [Fact]
    public void The_later_shard_owns_both_points_where_two_coincide()
    {
        var ring = Build(1, new Shard("same", ":1"), new Shard("same", ":2"));

        Assert.Equal([1, 1], ring.AllPoints.Select(point => point.Owner));
        Span<int> order = stackalloc int[2];
        Assert.Equal(1, ring.GetOrder("any"u8, order));
        Assert.Equal(1, order[0]);
    }

    [Fact]
    public void A_single_point_owns_every_key()
    {
        var ring = Build(1, new Shard("only", ":1"));

        Keys.Sample(key => ring.GetOwner(key) == 0);
    }

    [Fact]
    public void Lookups_agree_with_a_naive_reference() =>
        Gen.Select(ShardLists, Gen.Int[1, 9], Keys).Sample((shards, points, key) =>
        {
            var ring = Build(points, shards);
            var expected = NaiveOrder(shards, points, key);
            Assert.Equal(expected[0], ring.GetOwner(key));
            for (var length = 0; length <= shards.Length + 1; length++)
            {
                var order = new int[length];
                var written = ring.GetOrder(key, order);
                Assert.Equal(expected.Take(length), order.Take(written));
            }
        });

    [Fact]
    public void A_key_that_hashes_to_a_point_belongs_to_it() =>
        Gen.Select(ShardLists, Gen.Int[1, 9]).Sample((shards, points) =>
        {
            var ring = Build(points, shards);
            var (number, name) = (points - 1, shards[^1].Name);
            Assert.Equal(shards.Length - 1, ring.GetOwner(Encoding.UTF8.GetBytes(number + name)));
        });

    [Fact]
    public void The_order_is_a_permutation_of_the_shards_that_own_points_and_starts_with_the_owner() =>
        Gen.Select(ShardLists, Gen.Int[1, 40], Keys).Sample((shards, points, key) =>
        {
            var ring = Build(points, shards);
            var order = new int[shards.Length];
            var written = ring.GetOrder(key, order);
            Assert.Equal(ring.GetOwner(key), order[0]);
            Assert.Equal(ring.AllPoints.Select(point => point.Owner).Distinct().Order(), order.Take(written).Order());
        });

    [Fact]
    public void Removing_a_shard_moves_only_its_own_keys() =>
        Gen.Select(Gen.Int[2, 12], Gen.Int[1, 60], Gen.Int[0, 11], Keys.Array[50]).Sample((count, points, removed, keys) =>
        {
            // Names of equal length whose points cannot coincide by concatenation.
            var shards = Enumerable.Range(0, count).Select(i => new Shard($"node-{i:D2}", $":{i + 1}")).ToArray();
            var gone = shards[removed % count];
            var before = Build(points, shards);
            var after = Build(points, [.. shards.Where(shard => shard != gone)]);
            foreach (var key in keys)
            {
                var owner = before.Shards[before.GetOwner(key)];
                if (owner != gone)
                {
                    Assert.Equal(owner, after.Shards[after.GetOwner(key)]);
                }
            }
        });

    [Fact]
    public void A_lookup_allocates_nothing()
    {
        var ring = Build(40, [.. Enumerable.Range(0, 20).Select(i => new Shard($"n{i}", $":{i + 1}"))]);
        var key = "some-key"u8.ToArray();
        var order = new int[20];
        var bytes = Allocation.PerCall(i =>
        {
            key[0] = (byte)i;
            _ = ring.GetOwner(key) + ring.GetOrder(key, order);
        });
        Assert.Equal(0, bytes);
    }

    [Fact]
    public void A_ring_of_more_shards_than_can_be_marked_keeps_its_order()
    {
        var shards = Enumerable.Range(0, 5000).Select(i => new Shard($"n{i}", $":{i + 1}")).ToArray();
        var order = new int[40];

        Assert.Equal(40, Build(1, shards).GetOrder("key"u8, order));

        Assert.Equal(NaiveOrder(shards, 1, "key"u8.ToArray()).Take(40), order);
    }

    [Theory]
    [InlineData("Consistent")]
    [InlineData("consistent")]
    [InlineData("CONSISTENT")]
    public void A_ring_type_is_known_in_any_case(string type) => Assert.IsType<ConsistentRingBuilder>(RingTypes.CreateBuilder(type, "4"));

    [Theory]
    [InlineData("")]
    [InlineData(" Consistent")]
    [InlineData("Magic")]
    public void An_unknown_ring_type_is_refused_with_the_known_ones(string type)
    {
        var exception = Assert.Throws<RingKeeperException>(() => RingTypes.CreateBuilder(type, "4"));

        Assert.Contains($"'{type}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Consistent", exception.Message[(exception.Message.IndexOf(',', StringComparison.Ordinal) + 1)..], StringComparison.Ordinal);
    }

    private static ConsistentRing Build(int points, params Shard[] shards) => (ConsistentRing)new ConsistentRingBuilder($"{points}").Build(shards);

    private static List<int> NaiveOrder(Shard[] shards, int pointsPerShard, byte[] key)
    {
        var owners = new SortedDictionary<uint, int>();
        for (var shard = 0; shard < shards.Length; shard++)
        {
            for (var j = 0; j < pointsPerShard; j++)
            {
                owners[Crc32.HashToUInt32(Encoding.UTF8.GetBytes(j + shards[shard].Name))] = shard;
            }
        }

        var hash = Crc32.HashToUInt32(key);
        return [.. owners.Where(point => point.Key >= hash).Concat(owners.Where(point => point.Key < hash)).Select(point => point.Value).Distinct()];
    }
}
