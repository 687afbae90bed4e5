using System.Buffers;
using System.IO.Hashing;
using System.Text;

namespace RingKeeper;

/// <summary>
/// Weighted rendezvous: every shard draws a number from the key and its own name, and the order of the numbers is the order of the
/// shards. The formula stands in docs/rings.md; it uses only operations that every machine computes alike.
/// </summary>
internal sealed class RendezvousRing : HashRing
{
    private const int MaxStackRanks = 512;
    private readonly ulong[] _names;

    // Null: all weights are equal, and the draws compare without a logarithm.
    private readonly double[]? _weights;

    public RendezvousRing(IReadOnlyList<Shard> shards)
        : base(shards)
    {
        _names = [.. Shards.Select(static shard => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(shard.Name)))];
        _weights = Shards.All(shard => shard.Weight == Shards[0].Weight) ? null : [.. Shards.Select(static shard => (double)shard.Weight)];
    }

    public override int GetOwner(ReadOnlySpan<byte> key)
    {
        var hash = XxHash3.HashToUInt64(key);
        return _weights is null ? OwnerByDraw(hash) : OwnerByRank(hash);
    }

    public override int GetOrder(ReadOnlySpan<byte> key, Span<int> order)
    {
        var wanted = Math.Min(order.Length, _names.Length);
        if (wanted == 0)
        {
            return 0;
        }

        if (wanted <= MaxStackRanks)
        {
            Fill(XxHash3.HashToUInt64(key), order[..wanted], stackalloc ulong[wanted]);
            return wanted;
        }

        var ranks = ArrayPool<ulong>.Shared.Rent(wanted);
        Fill(XxHash3.HashToUInt64(key), order[..wanted], ranks.AsSpan(0, wanted));
        ArrayPool<ulong>.Shared.Return(ranks);
        return wanted;
    }

    // Both halves of the choice are moves without a branch: which draw is the best so far, no predictor can tell.
    private int OwnerByDraw(ulong hash)
    {
        var owner = 0;
        var best = 0UL;
        for (var i = 0; i < _names.Length; i++)
        {
            var draw = Mix(hash ^ _names[i]);
            owner = draw > best ? i : owner;
            best = draw > best ? draw : best;
        }

        return owner;
    }

    private int OwnerByRank(ulong hash)
    {
        var owner = 0;
        var best = ulong.MaxValue;
        for (var i = 0; i < _names.Length; i++)
        {
            var rank = Rank(hash, i);
            if (rank < best)
            {
                (best, owner) = (rank, i);
            }
        }

        return owner;
    }

    // Keeps the best so far sorted; a shard goes behind those of equal rank, so that the earlier one of the list is first.
    private void Fill(ulong hash, Span<int> order, Span<ulong> ranks)
    {
        var count = 0;
        for (var i = 0; i < _names.Length; i++)
        {
            var rank = Rank(hash, i);
            if (count == ranks.Length && rank >= ranks[^1])
            {
                continue;
            }

            var at = PlaceOf(rank, ranks[..count]);
            count = Math.Min(count + 1, ranks.Length);
            ranks[at..(count - 1)].CopyTo(ranks[(at + 1)..]);
            order[at..(count - 1)].CopyTo(order[(at + 1)..]);
            (ranks[at], order[at]) = (rank, i);
        }
    }

    private static int PlaceOf(ulong rank, ReadOnlySpan<ulong> ranks)
    {
        var (low, high) = (0, ranks.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ranks[middle] <= rank ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    // Lower is better. Positive doubles order as their bits do.
    private ulong Rank(ulong hash, int shard)
    {
        var draw = Mix(hash ^ _names[shard]);
        return _weights is null ? ~draw : BitConverter.DoubleToUInt64Bits(Exponential(draw) / _weights[shard]);
    }

    // The finalizer of MurmurHash3.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
        value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }

    /// <summary>-ln u for the u in (0, 1) that the draw stands for; Math.Log may differ in the last bit from machine to machine.</summary>
    private static double Exponential(ulong draw)
    {
        var bits = BitConverter.DoubleToUInt64Bits((draw >> 12) + 0.5);
        var exponent = (int)(bits >> 52) - 1023 - 52;
        var mantissa = BitConverter.UInt64BitsToDouble((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }

        var s = (mantissa - 1) / (mantissa + 1);
        var z = s * s;
        var series = 1.0 / 19;
        series = (series * z) + (1.0 / 17);
        series = (series * z) + (1.0 / 15);
        series = (series * z) + (1.0 / 13);
        series = (series * z) + (1.0 / 11);
        series = (series * z) + (1.0 / 9);
        series = (series * z) + (1.0 / 7);
        series = (series * z) + (1.0 / 5);
        series = (series * z) + (1.0 / 3);
        series = (series * z) + 1;
        return -((exponent * 0.6931471805599453) + (2 * s * series));
    }
}
