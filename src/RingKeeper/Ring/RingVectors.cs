using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RingKeeper;

/// <summary>
/// Compares <see cref="ConsistentRing"/> with a file of ring vectors taken from the Go package. One match is one listed key of one ring
/// whose owner and order both agree, or one hash over all of a ring's points, orders or walks.
/// </summary>
internal static class RingVectors
{
    private const string CollisionPrefix = "collision";
    private const int SharedCollisionKeys = 12;
    private static readonly string[] PointLists = ["first20", "all_points"];

    /// <summary>Reads the file and compares every ring in it.</summary>
    /// <exception cref="RingKeeperException">The file cannot be read or is malformed; the message names file, ring and field.</exception>
    public static RingVectorReport Verify(string file)
    {
        using var document = VectorNode.Load(file);
        var root = new VectorNode(file, "the file", document.RootElement);
        byte[][] keys = [.. root.Field("keys").Items().Select(static key => key.Field("key_hex").HexBytes())];
        var results = new List<RingVectorResult>();
        foreach (var ring in root.Field("rings").Items())
        {
            var id = ring.Field("id").Text();
            var node = ring.At($"ring '{id}'");
            results.Add(VerifyRing(node, id, KeysOf(root, node, id, keys)));
        }

        if (root.Has("ring_build_edge_cases"))
        {
            results.Add(VerifyInvalidRings(root.Field("ring_build_edge_cases")));
        }

        return new RingVectorReport(results);
    }

    // A collision ring is asked for the first shared keys and for the two strings that collide in it, "j + name" each;
    // another ring for as many of the shared keys as it lists owners.
    private static byte[][] KeysOf(VectorNode root, VectorNode ring, string id, byte[][] keys)
    {
        if (id.StartsWith(CollisionPrefix, StringComparison.Ordinal))
        {
            var collisions = root.Field("collisions").Items();
            var number = id[CollisionPrefix.Length..].Split('-')[0];
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= collisions.Count)
            {
                throw ring.Malformed($"field 'id' names no entry of 'collisions', which has {collisions.Count}");
            }

            var parts = collisions[index].Items();
            return parts.Count == 4
                ? [.. keys.Take(SharedCollisionKeys), Encoding.UTF8.GetBytes(parts[1].Text() + parts[0].Text()), Encoding.UTF8.GetBytes(parts[3].Text() + parts[2].Text())]
                : throw collisions[index].Malformed("two names with their numbers are expected");
        }

        var count = ring.Has("owners_csv") ? ring.Field("owners_csv").Text().Split(',').Length : keys.Length;
        return count <= keys.Length ? keys[..count] : throw ring.Malformed($"field 'owners_csv' lists {count} keys and the file has {keys.Length}");
    }

    private static RingVectorResult VerifyRing(VectorNode node, string id, byte[][] keys)
    {
        var tally = new RingVectorTally(id);
        var shards = node.Field("shards").Items().Select(static shard => new Shard(shard.Field("Name").Text(), shard.Field("Addr").Text())).ToArray();
        var results = node.Field("results").Items();
        var builder = new ConsistentRingBuilder(node.Field("ring_params").Text());
        ConsistentRing ring;
        try
        {
            ring = (ConsistentRing)builder.Build(shards);
        }
        catch (RingKeeperException exception)
        {
            foreach (var _ in results)
            {
                tally.Key(false, () => exception.Message);
            }

            return tally.Result;
        }

        VerifyPoints(node, ring, tally);
        var orders = keys.Select(key => OrderOf(ring, key)).ToArray();
        VerifyKeys(node, results, ring, keys, orders, tally);
        VerifyWalks(node, ring, keys, orders, tally);
        return tally.Result;
    }

    private static void VerifyPoints(VectorNode node, ConsistentRing ring, RingVectorTally tally)
    {
        var points = ring.AllPoints.ToArray();
        VerifyCount(node, "n_points", points.Length, tally);
        VerifyCount(node, "n_distinct_points", points.Select(static p => p.Point).Distinct().Count(), tally);
        VerifyCount(node, "nreplica", points.Length / ring.Shards.Count, tally);
        VerifyHash(node, "points_sha256", points.Select(static p => $"{p.Point}:{p.Owner}"), tally);
        foreach (var field in PointLists.Where(node.Has))
        {
            var given = node.Field(field).Items();
            for (var i = 0; i < given.Count; i++)
            {
                var (point, owner) = (given[i].Field("h").UInt(), given[i].Field("o").Int());
                var ours = i < points.Length ? points[i] : default;
                var place = i;
                tally.Fact(i < points.Length && ours == (point, owner), () => $"{field}[{place}] is {point}:{owner}, ours is {ours.Point}:{ours.Owner}");
            }
        }
    }

    private static void VerifyKeys(VectorNode node, IReadOnlyList<VectorNode> results, ConsistentRing ring, byte[][] keys, int[][] orders, RingVectorTally tally)
    {
        var listed = new HashSet<int>();
        foreach (var row in results)
        {
            var k = row.Field("k").Int();
            if (k < 0 || k >= keys.Length)
            {
                throw row.Malformed($"field 'k' is {k} and the ring has {keys.Length} keys");
            }

            listed.Add(k);
            var (owner, order) = (row.Field("owner").Int(), row.Field("order").Ints());
            var ourOwner = ring.GetOwner(keys[k]);
            tally.Key(
                ourOwner == owner && orders[k].AsSpan().SequenceEqual(order),
                () => $"key {k}: owner {owner}, order {Join(order)}; ours {ourOwner}, {Join(orders[k])}");
        }

        if (!node.Has("owners_csv"))
        {
            return;
        }

        var owners = node.Field("owners_csv").Text().Split(',');
        for (var k = 0; k < keys.Length; k++)
        {
            var ours = ring.GetOwner(keys[k]);
            var place = k;
            tally.Fact(
                k < owners.Length && owners[k] == ours.ToString(CultureInfo.InvariantCulture),
                () => $"owners_csv: key {place} differs, ours is {ours}");
        }
    }

    private static void VerifyWalks(VectorNode node, ConsistentRing ring, byte[][] keys, int[][] orders, RingVectorTally tally)
    {
        VerifyHash(node, "orders_sha256", orders.Select(Join), tally);
        VerifyHash(node, "walks_sha256", keys.Select(key => Join(ring.WalkPoints(key))), tally);
        if (!node.Has("walks"))
        {
            return;
        }

        foreach (var row in node.Field("walks").Items())
        {
            var k = row.Field("k").Int();
            var walk = row.Field("walk").Ints();
            tally.Fact(k >= 0 && k < keys.Length && ring.WalkPoints(keys[k]).SequenceEqual(walk), () => $"walks: key {k} differs");
        }
    }

    // The Go package panics on these rings, on building or on the first key; ours are refused.
    private static RingVectorResult VerifyInvalidRings(VectorNode cases)
    {
        var tally = new RingVectorTally("ring_build_edge_cases");
        foreach (var row in cases.Items())
        {
            var (ringParams, shards) = (row.Field("ring_params").Text(), row.Field("shards").Text());
            if (!int.TryParse(shards.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                throw row.Field("shards").Malformed("a number of shards is expected");
            }

            var refused = false;
            try
            {
                _ = new ConsistentRingBuilder(ringParams).Build([.. Enumerable.Range(1, count).Select(static i => new Shard($"node{i}", $":{i}"))]);
            }
            catch (RingKeeperException)
            {
                refused = true;
            }

            tally.Fact(refused, () => $"ring_params '{ringParams}' with {shards} must be refused, ours builds");
        }

        return tally.Result;
    }

    private static void VerifyCount(VectorNode node, string field, int ours, RingVectorTally tally)
    {
        if (node.Has(field))
        {
            var given = node.Field(field).Int();
            tally.Fact(given == ours, () => $"{field} is {given}, ours is {ours}");
        }
    }

    private static void VerifyHash(VectorNode node, string field, IEnumerable<string> lines, RingVectorTally tally)
    {
        if (node.Has(field))
        {
            var given = node.Field(field).Text();
            var ours = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines.Select(static line => line + "\n")))));
            tally.Hash(string.Equals(given, ours, StringComparison.OrdinalIgnoreCase), () => $"{field} is {given}, ours is {ours}");
        }
    }

    private static int[] OrderOf(ConsistentRing ring, byte[] key)
    {
        var order = new int[ring.Shards.Count];
        return order[..ring.GetOrder(key, order)];
    }

    private static string Join(IEnumerable<int> values) => string.Join(',', values);
}
