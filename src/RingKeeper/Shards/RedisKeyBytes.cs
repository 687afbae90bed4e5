using System.Globalization;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// Reads a key's bytes without allocating. StackExchange.Redis offers that only internally; where a version has no such members,
/// the public conversion is used, which allocates for keys made of strings.
/// </summary>
internal static class RedisKeyBytes
{
    private static readonly bool Direct = CanReadDirectly();

    /// <summary>The most bytes that <see cref="Copy"/> writes for this key.</summary>
    public static int MaxLength(in RedisKey key) => Direct ? MaxByteCount(ref Unsafe.AsRef(in key)) : ((byte[]?)key)?.Length ?? 0;

    /// <summary>Writes the key's bytes.</summary>
    /// <returns>How many were written.</returns>
    public static int Copy(in RedisKey key, Span<byte> destination)
    {
        if (Direct)
        {
            return CopyTo(ref Unsafe.AsRef(in key), destination);
        }

        var bytes = (byte[]?)key ?? [];
        bytes.CopyTo(destination);
        return bytes.Length;
    }

    /// <summary>Whether there is no key at all, which no server takes.</summary>
    public static bool IsNull(in RedisKey key) => (byte[]?)key is null;

    /// <summary>A key for a message: its first characters, and nothing that could break a line or hide.</summary>
    public static string Quote(in RedisKey key)
    {
        const int Most = 64;
        var text = (string?)key ?? "";
        var start = text.Length <= Most ? text : text[..Most];
        var printable = string.Concat(start.Select(static c => char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format ? '?' : c));
        return $"'{printable}{(text.Length > Most ? "…" : "")}'";
    }

    private static bool CanReadDirectly()
    {
        try
        {
            RedisKey probe = "é";
            Span<byte> bytes = stackalloc byte[8];
            return MaxByteCount(ref probe) is >= 2 and <= 8 && CopyTo(ref probe, bytes) == 2;
        }
        catch (MissingMethodException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "MaxByteCount")]
    private static extern int MaxByteCount(ref RedisKey key);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "CopyTo")]
    private static extern int CopyTo(ref RedisKey key, Span<byte> destination);
}
