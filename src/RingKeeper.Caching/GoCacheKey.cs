using System.Buffers;
using System.Text;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// Makes keys for caches in the format of the Go package, which stores under the JSON of the key it was given. Keys of text and of bytes need no help: a
/// <see cref="RedisKey"/> made of a text is marshalled by the cache, one made of bytes stays as it is, as a Go program's <c>[]byte</c> does.
/// </summary>
public static class GoCacheKey
{
    /// <summary>Makes a key of what a Go program uses as one: a number, a truth value, null, a struct, a slice, or a map.</summary>
    /// <typeparam name="T">The type of the key.</typeparam>
    /// <param name="value">The key. Bytes stay as they are.</param>
    /// <param name="serializer">What writes it (default: <see cref="GoCacheSerializer.Default"/>).</param>
    /// <returns>The key, made of bytes.</returns>
    /// <exception cref="RingKeeperException">A number is none that JSON knows.</exception>
    public static RedisKey Of<T>(T value, GoCacheSerializer? serializer = null)
    {
        if (value is byte[] bytes)
        {
            return bytes;
        }

        var buffer = new ArrayBufferWriter<byte>();
        (serializer ?? GoCacheSerializer.Default).Serialize(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Puts a text in quotes as Go's encoding/json does, after a prefix that stays as it is.</summary>
    internal static byte[] Quote(ReadOnlySpan<byte> prefix, string text)
    {
        var longest = prefix.Length + 2 + (text.Length * GoJsonEncoder.Instance.MaxOutputCharactersPerInputCharacter);
        var rented = ArrayPool<byte>.Shared.Rent(longest);
        try
        {
            var destination = rented.AsSpan();
            prefix.CopyTo(destination);
            var length = prefix.Length;
            destination[length++] = (byte)'"';
            length += Marshal(text, destination[length..]);
            destination[length++] = (byte)'"';
            return destination[..length].ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static unsafe int Marshal(string text, Span<byte> destination)
    {
        int first;
        fixed (char* start = text)
        {
            first = GoJsonEncoder.Instance.FindFirstCharacterToEncode(start, text.Length);
        }

        if (first < 0)
        {
            return Encoding.UTF8.GetBytes(text, destination);
        }

        var rented = ArrayPool<char>.Shared.Rent(text.Length * GoJsonEncoder.Instance.MaxOutputCharactersPerInputCharacter);
        GoJsonEncoder.Instance.Encode(text, rented, out _, out var written);
        var length = Encoding.UTF8.GetBytes(rented.AsSpan(0, written), destination);
        ArrayPool<char>.Shared.Return(rented);
        return length;
    }
}
