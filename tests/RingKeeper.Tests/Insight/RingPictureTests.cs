using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Insight;

/// <summary>The picture of a ring, held to what the ring and a client's view answer for keys.</summary>
public sealed class RingPictureTests
{
    private const int Keys = 100_000;

    public static TheoryData<string, string?, bool> Types => new()
    {
        { RingTypes.Consistent, null, false },
        { RingTypes.ConsistentTagged, "{}", false },
        { RingTypes.Ketama, null, true },
        { RingTypes.Ketama, "{}", false },
        { RingTypes.Rendezvous, null, true },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Shares_and_heirs_are_those_of_a_hundred_thousand_keys(string type, string? tag, bool weighted)
    {
        var ring = Build(type, tag, 5, weighted);
        var picture = RingPicture.Of(ring);
        var (owned, heirs) = (new double[5], new double[5, 5]);
        Span<int> order = stackalloc int[2];
        for (var i = 0; i < Keys; i++)
        {
            ring.GetOrder(Key(i), order);
            owned[order[0]] += 1.0 / Keys;
            heirs[order[0], order[1]] += 1.0 / Keys;
        }

        // Six deviations of a share of half: a sample of this size is no nearer.
        const double Tolerance = 6 * 0.5 / 316;
        Assert.Equal(1, picture.Shares.Sum(), 9);
        for (var shard = 0; shard < 5; shard++)
        {
            Assert.Equal(owned[shard], picture.Shares[shard], Tolerance);
            var parts = picture.HeirsOf(shard);
            Assert.Equal(1, parts.Sum(), 9);
            Assert.Equal(0, parts[shard]);
            for (var heir = 0; heir < 5; heir++)
            {
                Assert.Equal(heirs[shard, heir], parts[heir] * picture.Shares[shard], Tolerance);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Served_shares_and_slots_are_those_of_the_routes_of_a_client_also_where_nothing_is_decided_yet(string type, string? tag, bool weighted)
    {
        var ring = Build(type, tag, 5, weighted);
        var picture = RingPicture.Of(ring);
        Gen.Select(Gen.Int[0, 3].Select(static n => n == 0 ? (bool?)null : n == 1).Array[5], Gen.Bool).Sample(
            (alive, failover) =>
            {
                var statuses = ring.Shards.Where((_, i) => alive[i] is not null).Select(shard => new ShardStatus(shard.Addr, alive[ring.Shards.ToList().IndexOf(shard)]!.Value, 1)).ToDictionary(static status => status.Addr, StringComparer.Ordinal);
                var view = new ClusterView(ring, failover, 0, 0, 0, statuses);
                var served = new double[6];
                const int Some = 10_000;
                for (var i = 0; i < Some; i++)
                {
                    var route = view.Route(Key(i), RoutePolicy.Failover);
                    served[route.Outcome == RouteOutcome.Served ? route.ShardIndex : 5] += 1.0 / Some;
                }

                var shares = picture.ServedShares(i => alive[i], failover);
                Assert.Equal(1, shares.Sum(), 9);
                Assert.All(shares, (share, i) => Assert.Equal(served[i], share, 0.03));
                var slots = picture.Slots(20_000, i => alive[i], failover);
                Assert.All(shares, (share, i) => Assert.Equal(share, slots.Count(slot => slot.Server == (i < 5 ? i : -1)) / 20_000.0, 0.01));
            },
            iter: 8, threads: 1);
    }

    [Fact]
    public void A_hash_that_gives_few_numbers_is_looked_at_where_keys_can_lie()
    {
        var ring = RingTypes.CreateBuilder(RingTypes.Ketama, "160", null, "crc32").Build([.. Enumerable.Range(0, 40).Select(static i => new Shard($"cache{i}", $"10.0.0.{i}:6379"))]);
        var picture = RingPicture.Of(ring);
        var owned = new double[40];
        for (var i = 0; i < 10_000; i++)
        {
            owned[ring.GetOwner(Key(i))] += 1.0 / 10_000;
            Assert.InRange(picture.PlaceOf(Text(i))!.Value, 0, 1);
        }

        Assert.Equal(1, picture.Shares.Sum(), 9);
        Assert.All(picture.Shares, (share, i) => Assert.Equal(owned[i], share, 0.03));
    }

    [Fact]
    public void A_slot_belongs_to_the_owner_of_the_keys_in_its_middle_and_a_key_to_the_slot_of_its_place()
    {
        var ring = Build(RingTypes.Ketama, null, 4, weighted: true);
        var picture = RingPicture.Of(ring);
        const int Count = 1 << 20;
        var slots = picture.Slots(Count, static i => i != 2, failover: true);
        var agree = 0;
        Span<int> order = stackalloc int[4];
        for (var i = 0; i < 1_000; i++)
        {
            var slot = slots[(int)(picture.PlaceOf(Text(i))!.Value * Count)];
            ring.GetOrder(Key(i), order);
            var server = order[0] == 2 ? order[1] : order[0];
            agree += (slot.Owner, slot.Server) == (order[0], server) ? 1 : 0;
        }

        // Only a key in a slot that a point cuts may differ.
        Assert.InRange(agree, 998, 1_000);
    }

    [Fact]
    public void Slots_of_a_ring_without_places_follow_each_other_by_their_shares()
    {
        var picture = RingPicture.Of(Build(RingTypes.Rendezvous, null, 4, weighted: true));

        var owners = picture.Slots(1_000, static _ => true, failover: true).Select(static slot => slot.Owner).ToList();

        Assert.Equal(owners.Order(), owners);
        Assert.Null(picture.PlaceOf("key"));
        Assert.All(picture.Shares, (share, i) => Assert.Equal(share, owners.Count(owner => owner == i) / 1_000.0, 0.003));
    }

    [Fact]
    public void A_key_is_placed_as_a_client_routes_it() =>
        Gen.Select(Gen.Bool.Array[4], Gen.Bool, Gen.String[Gen.Char.AlphaNumeric, 0, 12]).Sample((alive, failover, key) =>
        {
            var shards = Enumerable.Range(0, 4).Select(static i => new Shard($"s{i}", $":{i + 1}")).ToList();
            var cluster = new ZKClusterInfo("c", 1, new ZKClusterOptions { FailoverEnabled = failover }, shards);
            var view = KeyPlace.ViewOf(cluster, shards.Select((shard, i) => new ShardStatus(shard.Addr, alive[i], 5)));

            var place = KeyPlace.Of(view, key);
            var expected = place.Order.Take(failover ? 4 : 1).FirstOrDefault(name => alive[name[1] - '0']);

            Assert.Equal((place.Owner, expected), (place.Order[0], place.ServedBy));
            Assert.Equal(4, place.Order.Distinct().Count());
            Assert.Equal(expected is null ? "no shard available" : "served", place.Outcome);
            Assert.Equal(expected is null, place.ValidSince is null);
        });

    internal static HashRing Build(string type, string? tag, int count, bool weighted) => RingTypes.CreateBuilder(type, "160", tag, null).Build(
        [.. Enumerable.Range(0, count).Select(i => new Shard($"cache{i}", $"10.0.0.{i}:6379") { Weight = weighted ? i + 1 : 1 })]);

    // Numbered keys fall unevenly under fnv1a_64, the usual hash of a Ketama ring.
    private static string Text(int i) => Convert.ToHexString(SHA256.HashData(BitConverter.GetBytes(i)));

    private static byte[] Key(int i) => Encoding.ASCII.GetBytes(Text(i));
}
