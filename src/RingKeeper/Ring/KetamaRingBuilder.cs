using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RingKeeper;

/// <summary>
/// Builds a <see cref="KetamaRing"/>. The MD5 of "name-0", "name-1" and so on, read as four little-endian numbers each, gives a shard's
/// points; a shard of average weight has RingParams of them (160 when empty), others in proportion, rounded down to a multiple of four.
/// </summary>
internal sealed class KetamaRingBuilder(string ringParams, KeyHash hash) : IRingBuilder
{
    public const int StandardPoints = 160;
    public const int PointsPerHash = 4;

    private const int MaxPoints = 1 << 24;

    // nutcracker formats "name-number" into a buffer of this size; what does not fit would be placed at random.
    private const int MaxLabelBytes = 85;

    private readonly int _pointsPerShard = Parse(ringParams);

    public HashRing Build(IReadOnlyList<Shard> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        if (_pointsPerShard > MaxPoints / Math.Max(1, shards.Count))
        {
            throw new RingKeeperException($"RingParams '{ringParams}' with {shards.Count} shards makes a ring of more than {MaxPoints} points. Set it to a number from {PointsPerHash} to 10000, e.g. {StandardPoints}.");
        }

        ShardWeights.Check(shards);
        var totalWeight = shards.Sum(static shard => (long)shard.Weight);
        var hashes = shards.Select(shard => CountHashes(shard.Weight, totalWeight, shards.Count)).ToArray();
        var points = new ulong[hashes.Sum() * PointsPerHash];
        var filled = 0;
        for (var owner = 0; owner < hashes.Length; owner++)
        {
            var count = hashes[owner] * PointsPerHash;
            FillPoints(points.AsSpan(filled, count), shards[owner], owner);
            filled += count;
        }

        return points.Length > 0 || shards.Count == 0
            ? new KetamaRing(shards, points, hash)
            : throw new RingKeeperException($"RingParams '{ringParams}' gives no shard a point on the ring. Set it to a number from {PointsPerHash} to 10000, e.g. {StandardPoints}.");
    }

    // In single precision and in this order, as nutcracker computes it: another rounding would move keys.
    private int CountHashes(int weight, long totalWeight, int shardCount)
    {
        var share = (float)weight / (float)totalWeight;
        var hashes = (float)(share * _pointsPerShard);
        hashes = (float)(hashes / PointsPerHash);
        hashes = (float)(hashes * shardCount);
        return (int)MathF.Floor((float)(hashes + 0.0000000001));
    }

    [SuppressMessage("Security", "CA5351", Justification = "Places points as nutcracker does; nothing is secured by it.")]
    private static void FillPoints(Span<ulong> points, Shard shard, int owner)
    {
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
        Span<byte> label = stackalloc byte[MaxLabelBytes];
        ReadOnlySpan<byte> start = Encoding.UTF8.GetBytes(shard.Name + "-");
        for (var number = 0; number < points.Length / PointsPerHash; number++)
        {
            if (!start.TryCopyTo(label) || !number.TryFormat(label[start.Length..], out var digits, provider: CultureInfo.InvariantCulture))
            {
                throw new RingKeeperException($"The shard name '{shard.Name}' is too long for RingType 'Ketama': the name, '-' and a number may have {MaxLabelBytes} bytes. Use a shorter name.");
            }

            MD5.HashData(label[..(start.Length + digits)], digest);
            for (var i = 0; i < PointsPerHash; i++)
            {
                points[(number * PointsPerHash) + i] = PointTable.Pack(BinaryPrimitives.ReadUInt32LittleEndian(digest[(i * sizeof(uint))..]), owner);
            }
        }
    }

    private static int Parse(string text)
    {
        if (text.Length == 0)
        {
            return StandardPoints;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var points) && points >= PointsPerHash
            ? points
            : throw new RingKeeperException($"RingParams '{text}' is not allowed for RingType 'Ketama': give the points of a shard of average weight, a number from {PointsPerHash} to 10000, or nothing for {StandardPoints}.");
    }
}
