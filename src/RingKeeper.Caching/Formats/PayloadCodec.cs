using System.Buffers;
using System.Text;

namespace RingKeeper;

/// <summary>Turns values into the bytes of a copy and back: arrays and memory of bytes and, unless the format says otherwise, texts as they are, all else by the serializer.</summary>
internal sealed class PayloadCodec(ICacheSerializer serializer, int maxBytes, bool serializesTexts = false)
{
    // Half a surrogate pair would be stored as another character.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public ReadOnlyMemory<byte> Encode<T>(T value)
    {
        if (typeof(T) == typeof(byte[]))
        {
            var bytes = (byte[]?)(object?)value;
            ArgumentNullException.ThrowIfNull(bytes, nameof(value));
            return Checked(bytes);
        }

        if (typeof(T) == typeof(ReadOnlyMemory<byte>))
        {
            return Checked((ReadOnlyMemory<byte>)(object)value!);
        }

        if (typeof(T) == typeof(string) && !serializesTexts)
        {
            var text = (string?)(object?)value;
            ArgumentNullException.ThrowIfNull(text, nameof(value));
            return Checked(StrictUtf8.GetBytes(text));
        }

        var buffer = new ArrayBufferWriter<byte>();
        serializer.Serialize(value, buffer);
        return Checked(buffer.WrittenMemory);
    }

    public T Decode<T>(ReadOnlyMemory<byte> payload)
    {
        if (typeof(T) == typeof(byte[]))
        {
            return (T)(object)payload.ToArray();
        }

        if (typeof(T) == typeof(ReadOnlyMemory<byte>))
        {
            return (T)(object)payload;
        }

        return typeof(T) == typeof(string) && !serializesTexts ? (T)(object)TextOf(payload) : serializer.Deserialize<T>(payload.Span);
    }

    private static string TextOf(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return StrictUtf8.GetString(payload.Span);
        }
        catch (DecoderFallbackException e)
        {
            throw new RingKeeperException("A copy cannot be read as text: its bytes are no UTF-8. Another program may store another type under this key.", e);
        }
    }

    private ReadOnlyMemory<byte> Checked(ReadOnlyMemory<byte> payload) => payload.Length <= maxBytes
        ? payload
        : throw new RingKeeperException($"The value takes {payload.Length} bytes, more than MaxValueBytes, {maxBytes}; nothing was sent. Store less under one key, or raise MaxValueBytes.");
}
