using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace RingKeeper;

/// <summary>
/// Builds a <see cref="ConsistentRing"/>: the points of a shard are the CRC-32 of the decimal numbers 0 to n-1, each followed by the
/// shard's name in UTF-8. n is RingParams, or the number of shards when RingParams is no integer, as in the Go package.
/// </summary>
public sealed class ConsistentRingBuilder : IRingBuilder
{
    private const int MaxPoints = 1 << 24;
    private readonly string _ringParams;

    /// <summary>Creates a builder.</summary>
    /// <param name="ringParams">Points a shard: decimal digits with an optional sign. Anything else means as many points as there are shards.</param>
    public ConsistentRingBuilder(string ringParams)
    {
        ArgumentNullException.ThrowIfNull(ringParams);
        _ringParams = ringParams;
    }

    /// <inheritdoc/>
    /// <exception cref="RingKeeperException">There is no shard, or one has a weight, or RingParams is zero, negative or too large to be held in memory.</exception>
    public HashRing Build(IReadOnlyList<Shard> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ShardWeights.Refuse(shards);
        return new ConsistentRing(shards, CountPoints(shards.Count));
    }

    // Go's strconv.Atoi on 64 bits: one optional sign and ASCII digits; an overflow is an error like any other.
    internal static long? ParseAtoi(string text)
    {
        var digits = text is ['+' or '-', ..] ? text.AsSpan(1) : text;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    /// <summary>Computes a shard's points, as many as fit, each packed with the shard's index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void FillPoints(Span<ulong> points, string name, int shard)
    {
        const int MostDigits = 10;
        var nameBytes = Encoding.UTF8.GetByteCount(name);
        var text = new byte[MostDigits + nameBytes];
        Encoding.UTF8.GetBytes(name, text.AsSpan(MostDigits));
        Span<byte> digits = stackalloc byte[MostDigits];
        for (var j = 0; j < points.Length; j++)
        {
            j.TryFormat(digits, out var written, provider: CultureInfo.InvariantCulture);
            var numbered = text.AsSpan(MostDigits - written);
            digits[..written].CopyTo(numbered);
            points[j] = PointTable.Pack(KeyCrc32.Of(numbered), shard);
        }
    }

    private int CountPoints(int shardCount)
    {
        var points = ParseAtoi(_ringParams) ?? shardCount;
        if (points <= 0 && shardCount > 0)
        {
            throw new RingKeeperException($"RingParams '{_ringParams}' gives each shard no point on the ring. Set it to a number from 1 to 10000, e.g. 160.");
        }

        if (shardCount > 0 && points > MaxPoints / shardCount)
        {
            throw new RingKeeperException($"RingParams '{_ringParams}' with {shardCount} shards makes a ring of more than {MaxPoints} points. Set it to a number from 1 to 10000, e.g. 160.");
        }

        return (int)points;
    }
}
