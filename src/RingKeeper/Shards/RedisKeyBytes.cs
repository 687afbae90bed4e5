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

    /// <summary>Whether this version of StackExchange.Redis tells what a key is made of.</summary>
    public static bool TellsText => Direct;

    /// <summary>Requires that a key is not null.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    public static void RequireKey(in RedisKey key)
    {
        if (TryGet(key, out var bytes) && bytes is null)
        {
            throw new ArgumentException("The key is null; an empty key is written as an empty string.", nameof(key));
        }
    }

    /// <summary>Gets the bytes of a key that is made of nothing else, as they are; false for a key that must be copied.</summary>
    /// <returns>The bytes; null with true for no key at all, which no server takes.</returns>
    public static bool TryGet(in RedisKey key, out byte[]? bytes)
    {
        if (!Direct)
        {
            bytes = key;
            return true;
        }

        ref var source = ref Unsafe.AsRef(in key);
        var value = Value(ref source);
        bytes = value as byte[];
        return Prefix(ref source) is null && (bytes is not null || value is null);
    }

    /// <summary>Gets the text of a key that is made of nothing else; null for another key.</summary>
    public static string? Text(in RedisKey key)
    {
        ref var source = ref Unsafe.AsRef(in key);
        return Direct && Prefix(ref source) is null ? Value(ref source) as string : null;
    }

    /// <summary>Whether a key is made of text, after a prefix too; asked for only where <see cref="TellsText"/>.</summary>
    public static bool IsText(in RedisKey key) => Value(ref Unsafe.AsRef(in key)) is string;

    /// <summary>The most bytes that <see cref="Copy"/> writes for this key.</summary>
    public static int MaxLength(in RedisKey key) => MaxByteCount(ref Unsafe.AsRef(in key));

    /// <summary>Writes the bytes of a key that <see cref="TryGet"/> did not give.</summary>
    /// <returns>How many were written.</returns>
    public static int Copy(in RedisKey key, Span<byte> destination) => CopyTo(ref Unsafe.AsRef(in key), destination);

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
            RedisKey prefixed = probe.Prepend("p");
            Span<byte> bytes = stackalloc byte[8];
            return MaxByteCount(ref probe) is >= 2 and <= 8
                && CopyTo(ref probe, bytes) == 2
                && Value(ref probe) is "é"
                && Prefix(ref probe) is null
                && Prefix(ref prefixed) is [(byte)'p'];
        }
        catch (MissingMethodException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_KeyPrefix")]
    private static extern byte[]? Prefix(ref RedisKey key);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_KeyValue")]
    private static extern object? Value(ref RedisKey key);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "MaxByteCount")]
    private static extern int MaxByteCount(ref RedisKey key);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "CopyTo")]
    private static extern int CopyTo(ref RedisKey key, Span<byte> destination);
}
