using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Ring;

/// <summary>What holds for every type of ring, and what each refuses.</summary>
public sealed class RingTypesTests
{
    private static readonly Gen<byte[]> Keys = Gen.Byte.Array[0, 40];

    public static TheoryData<string, string?, bool> Types => new()
    {
        { RingTypes.Consistent, null, false },
        { RingTypes.ConsistentTagged, "{}", false },
        { RingTypes.Ketama, null, true },
        { RingTypes.Ketama, "[]", true },
        { RingTypes.Rendezvous, null, false },
        { RingTypes.Rendezvous, null, true },
        { RingTypes.Rendezvous, "{}", true },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void The_order_is_a_permutation_that_starts_with_the_owner(string type, string? tag, bool weighted) =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 1000], Keys).Sample(
            (count, seed, key) =>
            {
                var ring = Build(type, tag, Shards(count, weighted, seed));
                var order = new int[count];

                Assert.Equal(count, ring.GetOrder(key, order));
                Assert.Equal(ring.GetOwner(key), order[0]);
                Assert.Equal(Enumerable.Range(0, count), order.Order());
            },
            iter: 40);

    // Ketama with weights is apart: nutcracker counts a shard's points anew from the share of all weights.
    [Theory]
    [InlineData(RingTypes.Consistent, null, false)]
    [InlineData(RingTypes.ConsistentTagged, "{}", false)]
    [InlineData(RingTypes.Ketama, null, false)]
    [InlineData(RingTypes.Rendezvous, null, false)]
    [InlineData(RingTypes.Rendezvous, "{}", true)]
    public void Removing_a_shard_moves_only_its_own_keys_and_each_to_its_heir(string type, string? tag, bool weighted) =>
        Gen.Select(Gen.Int[2, 12], Gen.Int[0, 11], Keys.Array[100]).Sample(
            (count, removed, keys) =>
            {
                var shards = Shards(count, weighted, 1);
                var gone = removed % count;
                var before = Build(type, tag, shards);
                var after = Build(type, tag, [.. shards.Where((_, i) => i != gone)]);
                Span<int> order = stackalloc int[2];
                foreach (var key in keys)
                {
                    before.GetOrder(key, order);
                    var heir = order[0] == gone ? order[1] : order[0];
                    Assert.Equal(shards[heir], after.Shards[after.GetOwner(key)]);
                }
            },
            iter: 40);

    [Theory]
    [InlineData(RingTypes.Ketama, 0.25)]
    [InlineData(RingTypes.Rendezvous, 0.05)]
    public void Shares_are_in_proportion_to_the_weights(string type, double tolerance) =>
        Gen.Int[1, 5].Array[2, 5].Sample(
            weights =>
            {
                var ring = Build(type, null, [.. weights.Select((weight, i) => new Shard($"n{i}", $":{i + 1}") { Weight = weight })], "2000");
                var owned = new double[weights.Length];
                for (var i = 0; i < 40_000; i++)
                {
                    owned[ring.GetOwner(BitConverter.GetBytes(i * 2654435761L))]++;
                }

                Assert.All(owned, (count, i) => Assert.InRange(count / 40_000 * weights.Sum() / weights[i], 1 - tolerance, 1 + tolerance));
            },
            iter: 15);

    [Fact]
    public void Growing_a_weight_moves_keys_only_to_that_shard_on_a_rendezvous_ring() =>
        Gen.Select(Gen.Int[2, 10], Gen.Int[0, 9], Keys.Array[100]).Sample((count, at, keys) =>
        {
            var shards = Shards(count, true, 3);
            var grown = at % count;
            var before = Build(RingTypes.Rendezvous, null, shards);
            var after = Build(RingTypes.Rendezvous, null, [.. shards.Select((shard, i) => i == grown ? shard with { Weight = shard.Weight + 2 } : shard)]);
            Assert.All(keys, key => Assert.True(after.GetOwner(key) == before.GetOwner(key) || after.GetOwner(key) == grown));
        });

    [Theory]
    [MemberData(nameof(Types))]
    public void A_lookup_allocates_nothing(string type, string? tag, bool weighted)
    {
        var order = new int[20];
        foreach (var hash in type == RingTypes.Ketama ? KeyHashes.Names : [null!])
        {
            var ring = RingTypes.CreateBuilder(type, "40", tag, hash).Build(Shards(20, weighted, 1));
            var key = "some-{k}-key"u8.ToArray();
            var bytes = Allocation.PerCall(i =>
            {
                key[0] = (byte)i;
                _ = ring.GetOwner(key) + ring.GetOrder(key, order);
            });
            Assert.Equal(0, bytes);
        }
    }

    [Theory]
    [InlineData("{a}", "a")]
    [InlineData("x{a}y{b}", "a")]
    [InlineData("x{a{b}c}", "a{b")]
    [InlineData("}x{a}", "a")]
    [InlineData("x{}y{b}", "x{}y{b}")]
    [InlineData("x{a", "x{a")]
    [InlineData("xa}", "xa}")]
    [InlineData("x{", "x{")]
    [InlineData("", "")]
    public void The_text_between_the_first_pair_is_hashed_unless_it_is_empty(string key, string hashed)
    {
        var tag = HashTag.Parse("{}")!.Value;
        Assert.Equal(hashed, System.Text.Encoding.UTF8.GetString(tag.Cut(System.Text.Encoding.UTF8.GetBytes(key))));
    }

    [Fact]
    public void A_tag_of_twice_the_same_character_ends_at_the_next_one() =>
        Assert.Equal("a"u8.ToArray(), HashTag.Parse("$$")!.Value.Cut("x$a$b$"u8).ToArray());

    [Theory]
    [InlineData("Consistent", "{}", null, "HashTag '{}'", "ConsistentTagged")]
    [InlineData("Consistent", null, "md5", "KeyHash 'md5'", "Ketama")]
    [InlineData("ConsistentTagged", null, null, "ConsistentTagged", "needs a HashTag")]
    [InlineData("ConsistentTagged", "{}", "md5", "KeyHash 'md5'", "Ketama")]
    [InlineData("Rendezvous", null, "md5", "KeyHash 'md5'", "Ketama")]
    [InlineData("Ketama", null, "sha1", "KeyHash 'sha1'", "fnv1a_64")]
    [InlineData("Ketama", null, "MD5", "KeyHash 'MD5'", "md5")]
    [InlineData("Ketama", "{", null, "HashTag '{'", "two")]
    [InlineData("Ketama", "{}}", null, "HashTag '{}}'", "two")]
    [InlineData("Rendezvous", "é}", null, "HashTag 'é}'", "ASCII")]
    [InlineData("Rendezvous", " }", null, "HashTag ' }'", "printable")]
    public void What_does_not_go_together_is_refused_by_field_value_and_remedy(string type, string? tag, string? hash, string named, string remedy)
    {
        var message = Assert.Throws<RingKeeperException>(() => RingTypes.CreateBuilder(type, "160", tag, hash)).Message;

        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.Contains(remedy, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Consistent", null)]
    [InlineData("ConsistentTagged", "{}")]
    public void Weights_are_refused_where_a_Go_client_would_ignore_them(string type, string? tag)
    {
        var builder = RingTypes.CreateBuilder(type, "160", tag, null);

        var message = Assert.Throws<RingKeeperException>(() => builder.Build([new("a", ":1"), new("b", ":2") { Weight = 7 }])).Message;

        Assert.Contains("Weight 7 of shard 'b'", message, StringComparison.Ordinal);
        Assert.Contains("Ketama", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Ketama", 0)]
    [InlineData("Ketama", 100_001)]
    [InlineData("Rendezvous", 0)]
    public void A_weight_out_of_range_is_refused_and_named(string type, int weight) =>
        Assert.Contains($"Weight {weight} of shard 'b'", Assert.Throws<RingKeeperException>(() => Build(type, null, [new("a", ":1"), new("b", ":2") { Weight = weight }])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("3")]
    [InlineData("0")]
    [InlineData("many")]
    public void Ketama_refuses_parameters_that_give_no_points(string ringParams) =>
        Assert.Contains($"'{ringParams}'", Assert.Throws<RingKeeperException>(() => RingTypes.CreateBuilder(RingTypes.Ketama, ringParams)).Message, StringComparison.Ordinal);

    [Fact]
    public void Ketama_refuses_a_name_that_nutcracker_would_cut()
    {
        var name = new string('n', 83);

        Assert.Contains(name, Assert.Throws<RingKeeperException>(() => Build(RingTypes.Ketama, null, [new(name, ":1")])).Message, StringComparison.Ordinal);
        Assert.Equal(0, Build(RingTypes.Ketama, null, [new(name[..82], ":1")]).GetOwner("k"u8));
    }

    [Fact]
    public void Ketama_without_parameters_has_160_points_for_a_shard_of_average_weight()
    {
        Assert.Equal(3 * 160, ((KetamaRing)Build(RingTypes.Ketama, null, Shards(3, false, 1), "")).PointCount);
        Assert.Equal(160 + 80 + 240, ((KetamaRing)Build(RingTypes.Ketama, null, [new("a", ":1") { Weight = 2 }, new("b", ":2"), new("c", ":3") { Weight = 3 }], "")).PointCount);
    }

    private static HashRing Build(string type, string? tag, Shard[] shards, string ringParams = "160") =>
        RingTypes.CreateBuilder(type, ringParams, tag, null).Build(shards);

    private static Shard[] Shards(int count, bool weighted, int seed) =>
        [.. Enumerable.Range(0, count).Select(i => new Shard($"node-{i:D2}", $":{i + 1}") { Weight = weighted ? 1 + ((i * 7) + seed) % 4 : 1 })];
}
