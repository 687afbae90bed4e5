using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Numerics;
using System.Security.Cryptography;

namespace RingKeeper;

/// <summary>Turns a key into its place on a ring.</summary>
internal delegate uint KeyHash(ReadOnlySpan<byte> key);

/// <summary>
/// The key hashes of twemproxy by its names, as nutcracker computes them on amd64. Some differ from what their names promise; the
/// differences are kept, since keys lie where nutcracker put them.
/// </summary>
internal static class KeyHashes
{
    public const string Standard = "fnv1a_64";

    private const uint LastOfCrc32 = 0x7fff;
    private const uint Fnv64Offset = 0x84222325;
    private const uint Fnv64Prime = 0x1b3;
    private const uint Fnv32Offset = 0x811c9dc5;
    private const uint Fnv32Prime = 0x01000193;

    private static readonly (string Name, KeyHash Hash)[] Known =
    [
        ("one_at_a_time", OneAtATime),
        ("md5", FirstOfMd5),
        ("crc16", Crc16),
        ("crc32", Crc32OfLibmemcached),
        ("crc32a", static key => Crc32.HashToUInt32(key)),
        ("fnv1_64", static key => Fnv1(key, Fnv64Offset, Fnv64Prime)),
        ("fnv1a_64", static key => Fnv1a(key, Fnv64Offset, Fnv64Prime)),
        ("fnv1_32", static key => Fnv1(key, Fnv32Offset, Fnv32Prime)),
        ("fnv1a_32", static key => Fnv1a(key, Fnv32Offset, Fnv32Prime)),
        ("hsieh", Hsieh),
        ("murmur", Murmur2),
        ("jenkins", Lookup3),
    ];

    public static IEnumerable<string> Names => Known.Select(static hash => hash.Name);

    /// <summary>Finds a hash; null or empty means <see cref="Standard"/>.</summary>
    /// <exception cref="RingKeeperException">There is none of this name.</exception>
    public static KeyHash Of(string? name)
    {
        var wanted = string.IsNullOrEmpty(name) ? Standard : name;
        return Known.FirstOrDefault(hash => hash.Name == wanted).Hash
            ?? throw new RingKeeperException($"KeyHash '{name}' is not known; give one of {string.Join(", ", Names)}, or leave it out for {Standard}.");
    }

    /// <summary>The highest number that a hash gives.</summary>
    public static uint LastOf(KeyHash hash) => hash == (KeyHash)Crc32OfLibmemcached ? LastOfCrc32 : uint.MaxValue;

    // nutcracker keeps keys in arrays of signed characters: where it widens a byte, those above 127 become negative.
    private static uint Widen(byte value) => (uint)(sbyte)value;

    private static uint OneAtATime(ReadOnlySpan<byte> key)
    {
        var hash = 0u;
        foreach (var value in key)
        {
            hash += Widen(value);
            hash += hash << 10;
            hash ^= hash >> 6;
        }

        hash += hash << 3;
        hash ^= hash >> 11;
        return hash + (hash << 15);
    }

    [SuppressMessage("Security", "CA5351", Justification = "Places keys as nutcracker does; nothing is secured by it.")]
    private static uint FirstOfMd5(ReadOnlySpan<byte> key)
    {
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(key, digest);
        return BinaryPrimitives.ReadUInt32LittleEndian(digest);
    }

    // CRC-16/XMODEM, but nothing cuts the register to 16 bits: what is shifted out stays above.
    private static uint Crc16(ReadOnlySpan<byte> key)
    {
        var crc = 0u;
        foreach (var value in key)
        {
            var step = ((crc >> 8) ^ value) & 0xff;
            step <<= 8;
            for (var bit = 0; bit < 8; bit++)
            {
                step = ((step << 1) ^ (0x1021u & (0u - ((step >> 15) & 1)))) & 0xffff;
            }

            crc = (crc << 8) ^ step;
        }

        return crc;
    }

    // Only 15 bits are left: with few servers nearly every key lies on one.
    private static uint Crc32OfLibmemcached(ReadOnlySpan<byte> key) => (Crc32.HashToUInt32(key) >> 16) & LastOfCrc32;

    // The lower half of a product depends on the lower halves alone, so that 32 bits do for the 64-bit kinds too.
    private static uint Fnv1(ReadOnlySpan<byte> key, uint offset, uint prime)
    {
        foreach (var value in key)
        {
            offset = (offset * prime) ^ Widen(value);
        }

        return offset;
    }

    private static uint Fnv1a(ReadOnlySpan<byte> key, uint offset, uint prime)
    {
        foreach (var value in key)
        {
            offset = (offset ^ Widen(value)) * prime;
        }

        return offset;
    }

    // SuperFastHash, begun at 0.
    private static uint Hsieh(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty)
        {
            return 0;
        }

        var hash = 0u;
        for (; key.Length >= 4; key = key[4..])
        {
            hash += BinaryPrimitives.ReadUInt16LittleEndian(key);
            hash = (hash << 16) ^ hash ^ ((uint)BinaryPrimitives.ReadUInt16LittleEndian(key[2..]) << 11);
            hash += hash >> 11;
        }

        switch (key.Length)
        {
            case 3:
                hash += BinaryPrimitives.ReadUInt16LittleEndian(key);
                hash ^= hash << 16;
                hash ^= Widen(key[2]) << 18;
                hash += hash >> 11;
                break;
            case 2:
                hash += BinaryPrimitives.ReadUInt16LittleEndian(key);
                hash ^= hash << 11;
                hash += hash >> 17;
                break;
            case 1:
                hash += key[0];
                hash ^= hash << 10;
                hash += hash >> 1;
                break;
        }

        hash ^= hash << 3;
        hash += hash >> 5;
        hash ^= hash << 4;
        hash += hash >> 17;
        hash ^= hash << 25;
        return hash + (hash >> 6);
    }

    // MurmurHash2, seeded by the length.
    private static uint Murmur2(ReadOnlySpan<byte> key)
    {
        const uint Multiplier = 0x5bd1e995;
        var length = (uint)key.Length;
        var hash = (0xdeadbeef * length) ^ length;
        for (; key.Length >= 4; key = key[4..])
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(key) * Multiplier;
            hash = (hash * Multiplier) ^ ((word ^ (word >> 24)) * Multiplier);
        }

        if (!key.IsEmpty)
        {
            hash = (hash ^ ReadPartial(key)) * Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return hash ^ (hash >> 15);
    }

    // Bob Jenkins' lookup3, begun at 13.
    private static uint Lookup3(ReadOnlySpan<byte> key)
    {
        uint a, b, c;
        a = b = c = 0xdeadbeef + (uint)key.Length + 13;
        for (; key.Length > 12; key = key[12..])
        {
            a += BinaryPrimitives.ReadUInt32LittleEndian(key);
            b += BinaryPrimitives.ReadUInt32LittleEndian(key[4..]);
            c += BinaryPrimitives.ReadUInt32LittleEndian(key[8..]);
            Mix(ref a, ref c, ref b, 4);
            Mix(ref b, ref a, ref c, 6);
            Mix(ref c, ref b, ref a, 8);
            Mix(ref a, ref c, ref b, 16);
            Mix(ref b, ref a, ref c, 19);
            Mix(ref c, ref b, ref a, 4);
        }

        if (key.IsEmpty)
        {
            return c;
        }

        a += ReadPartial(key);
        b += ReadPartial(key[Math.Min(4, key.Length)..]);
        c += ReadPartial(key[Math.Min(8, key.Length)..]);
        Fold(ref c, b, 14);
        Fold(ref a, c, 11);
        Fold(ref b, a, 25);
        Fold(ref c, b, 16);
        Fold(ref a, c, 4);
        Fold(ref b, a, 14);
        Fold(ref c, b, 24);
        return c;
    }

    private static void Mix(ref uint x, ref uint y, ref uint z, int bits)
    {
        x = (x - y) ^ BitOperations.RotateLeft(y, bits);
        y += z;
    }

    private static void Fold(ref uint x, uint y, int bits) => x = (x ^ y) - BitOperations.RotateLeft(y, bits);

    // Up to four bytes, the lowest first; what is missing counts as 0.
    private static uint ReadPartial(ReadOnlySpan<byte> key)
    {
        var word = 0u;
        for (var i = Math.Min(4, key.Length) - 1; i >= 0; i--)
        {
            word = (word << 8) | key[i];
        }

        return word;
    }
}
