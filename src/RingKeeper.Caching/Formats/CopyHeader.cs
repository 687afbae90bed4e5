using System.Buffers.Binary;

namespace RingKeeper;

/// <summary>What a copy in RingKeeper's own format begins with; all numbers big-endian. Pure.</summary>
/// <remarks>
/// Bytes 0 to 3: F7 'R' 'K' and the format's version, 1; no text in UTF-8 begins so. 4: the kind. 5: flags, 1 for a sliding expiry. 6 and 7: zero. 8 to 15: the epoch.
/// 16 to 23: the version. 24 to 27: the nonce. With a sliding expiry, 28 to 31: the window in milliseconds; 32 to 39: the end whatever is read, in milliseconds
/// since the Unix epoch, or zero. Then the value.
/// </remarks>
internal readonly record struct CopyHeader(CopyKind Kind, long Epoch, long Version, uint Nonce, uint SlidingMilliseconds = 0, long AbsoluteEnd = 0)
{
    public const int ShortLength = 28;
    public const int LongLength = 40;

    /// <summary>The first bytes of every copy.</summary>
    public static ReadOnlySpan<byte> Magic => [0xF7, (byte)'R', (byte)'K', 1];

    public int Length => SlidingMilliseconds == 0 ? ShortLength : LongLength;

    public void WriteTo(Span<byte> destination)
    {
        Magic.CopyTo(destination);
        destination[4] = (byte)Kind;
        destination[5] = SlidingMilliseconds == 0 ? (byte)0 : (byte)1;
        destination[6] = destination[7] = 0;
        BinaryPrimitives.WriteInt64BigEndian(destination[8..], Epoch);
        BinaryPrimitives.WriteInt64BigEndian(destination[16..], Version);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], Nonce);
        if (SlidingMilliseconds != 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[28..], SlidingMilliseconds);
            BinaryPrimitives.WriteInt64BigEndian(destination[32..], AbsoluteEnd);
        }
    }

    /// <summary>Reads it; false where the bytes are no copy in this format.</summary>
    public static bool TryRead(ReadOnlySpan<byte> copy, out CopyHeader header)
    {
        header = default;
        if (copy.Length < ShortLength || !copy.StartsWith(Magic) || copy[4] > (byte)CopyKind.Intent || copy[5] > 1 || (copy[5] == 1 && copy.Length < LongLength))
        {
            return false;
        }

        var sliding = copy[5] == 1;
        header = new CopyHeader(
            (CopyKind)copy[4],
            BinaryPrimitives.ReadInt64BigEndian(copy[8..]),
            BinaryPrimitives.ReadInt64BigEndian(copy[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(copy[24..]),
            sliding ? BinaryPrimitives.ReadUInt32BigEndian(copy[28..]) : 0,
            sliding ? BinaryPrimitives.ReadInt64BigEndian(copy[32..]) : 0);
        return !sliding || header.SlidingMilliseconds != 0;
    }
}

/// <summary>What a copy in RingKeeper's own format is.</summary>
internal enum CopyKind : byte
{
    /// <summary>A value.</summary>
    Value = 0,

    /// <summary>The mark of a deletion, which keeps what was deleted from being filled in again.</summary>
    Tombstone = 1,

    /// <summary>The mark that a fill is under way; whatever is written meanwhile takes its place.</summary>
    Intent = 2,
}
