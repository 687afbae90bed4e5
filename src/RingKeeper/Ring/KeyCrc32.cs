using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RingKeeper;

/// <summary>
/// CRC-32 (IEEE) of a key. System.IO.Hashing folds whole blocks of 16 bytes and takes what is left byte by byte, which is most of a usual
/// key; here keys of 8 to 63 bytes are folded whole. Folding and Barrett reduction by carry-less multiplication follow Gopal et al.,
/// "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009). All polynomials are bit-reversed.
/// </summary>
internal static class KeyCrc32
{
    private const int BlockBytes = 16;
    private const int HalfBytes = 8;

    // Shorter keys gain nothing; of longer ones the library folds four blocks at a time.
    private const int MinFolded = HalfBytes;
    private const int MaxFolded = 64;

    // The register's first value, as four bytes over the key's first four: read at n for a key's first block of n bytes that ends the
    // block, and at n + 16 for what of it falls into the second block.
    private static ReadOnlySpan<byte> Initial =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    // Read at n, moves the first n bytes to the end of the block and clears those before.
    private static ReadOnlySpan<byte> MoveToEnd =>
    [
        128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    ];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(ReadOnlySpan<byte> key)
    {
        if (!Pclmulqdq.IsSupported || !Ssse3.IsSupported || key.Length is < MinFolded or > MaxFolded)
        {
            return Crc32.HashToUInt32(key);
        }

        ref var start = ref MemoryMarshal.GetReference(key);
        return key.Length switch
        {
            BlockBytes => OfBlock(Vector128.LoadUnsafe(ref start).AsUInt64()),
            < BlockBytes => OfPart(Unsafe.ReadUnaligned<ulong>(ref start), Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, key.Length - HalfBytes)), key.Length),
            _ when key.Length % BlockBytes != 0 => OfBlocks(ref start, key.Length),
            _ => Crc32.HashToUInt32(key),
        };
    }

    /// <summary>
    /// Writes a text's bytes and computes their CRC on the way. What was just written in other pieces can be read again only once it has
    /// left the processor's store buffer, and that takes longer than all the rest.
    /// </summary>
    /// <returns>False, with nothing done, unless the text is 8 to 32 characters of ASCII.</returns>
    public static bool TryCopy(string text, Span<byte> destination, out uint crc)
    {
        var length = text.Length;
        crc = 0;
        if (!Pclmulqdq.IsSupported || !Ssse3.IsSupported || length is < MinFolded or > BlockBytes * 2 || destination.Length < length)
        {
            return false;
        }

        ref var chars = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<char, ushort>(text));
        ref var bytes = ref MemoryMarshal.GetReference(destination);
        if (length >= BlockBytes)
        {
            var isAscii = TryNarrow(Vector128.LoadUnsafe(ref chars), Vector128.LoadUnsafe(ref chars, HalfBytes), out var first)
                & TryNarrow(Vector128.LoadUnsafe(ref chars, (nuint)length - BlockBytes), Vector128.LoadUnsafe(ref chars, (nuint)length - HalfBytes), out var last);
            if (isAscii)
            {
                first.StoreUnsafe(ref bytes);
                last.StoreUnsafe(ref bytes, (nuint)length - BlockBytes);
                crc = length == BlockBytes ? OfBlock(first.AsUInt64()) : Reduce(Begin(first, last, length - BlockBytes));
            }

            return isAscii;
        }

        if (!TryNarrow(Vector128.LoadUnsafe(ref chars), Vector128.LoadUnsafe(ref chars, (nuint)length - HalfBytes), out var halves))
        {
            return false;
        }

        var (head, tail) = (halves.AsUInt64().ToScalar(), halves.AsUInt64().GetElement(1));
        Unsafe.WriteUnaligned(ref bytes, head);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref bytes, length - HalfBytes), tail);
        crc = OfPart(head, tail, length);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryNarrow(Vector128<ushort> lower, Vector128<ushort> upper, out Vector128<byte> bytes)
    {
        bytes = Vector128.NarrowWithSaturation(lower, upper);
        return ((lower | upper) & Vector128.Create((ushort)0xff80)) == Vector128<ushort>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint OfBlock(Vector128<ulong> block) => Reduce(block ^ Vector128.CreateScalar(0xffffffffUL));

    // 8 to 15 bytes, the first eight and the last. Zeros before a message do not change its remainder, so that they fill the block up.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint OfPart(ulong head, ulong tail, int length)
    {
        // In two steps: a shift by all 64 bits would be none.
        var halfShift = (BlockBytes - length) * 4;
        return Reduce(Vector128.Create(head << halfShift << halfShift, tail) ^ Load(Initial, length));
    }

    // 17 to 63 bytes, not whole blocks: the odd bytes come first, as a block filled up with zeros, then whole blocks. Compiled at once, not after 100 ms of
    // calls, by which time a large ring should be built.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint OfBlocks(ref byte start, int length)
    {
        var at = length % BlockBytes;
        var block = Begin(Vector128.LoadUnsafe(ref start), Vector128.LoadUnsafe(ref start, (nuint)at), at);
        for (at += BlockBytes; at < length; at += BlockBytes)
        {
            block = Fold(block) ^ Vector128.LoadUnsafe(ref start, (nuint)at).AsUInt64();
        }

        return Reduce(block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Begin(Vector128<byte> first, Vector128<byte> second, int odd)
    {
        var block = Ssse3.Shuffle(first, Load(MoveToEnd, odd).AsByte()).AsUInt64() ^ Load(Initial, odd);
        return Fold(block) ^ second.AsUInt64() ^ Load(Initial, odd + BlockBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Load(ReadOnlySpan<byte> table, int at) =>
        Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(table), (nuint)at).AsUInt64();

    // Moves a block past the 128 bits that follow it: its halves times x^192 and x^128, less the x that a product of reversed bits has too much.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector128<ulong> block)
    {
        var powers = Vector128.Create(0x65673b4600000000UL, 0x9ba54c6f00000000UL);
        return Pclmulqdq.CarrylessMultiply(block, powers, 0x00) ^ Pclmulqdq.CarrylessMultiply(block, powers, 0x11);
    }

    // 128 bits to 96 by x^96, then the quotient by 1/P to 64 places, then what the quotient times P leaves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Reduce(Vector128<ulong> block)
    {
        var inverseAndPolynomial = Vector128.Create(0xb4e5b025f7011641UL, 0x1db710641UL);
        var rest = Pclmulqdq.CarrylessMultiply(block, Vector128.CreateScalar(0xccaa009eUL), 0x00) ^ Sse2.ShiftRightLogical128BitLane(block, HalfBytes);
        var quotient = Pclmulqdq.CarrylessMultiply(rest, inverseAndPolynomial, 0x00);
        return ~(Pclmulqdq.CarrylessMultiply(quotient, inverseAndPolynomial, 0x10) ^ rest).AsUInt32().GetElement(2);
    }
}
