using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace RingKeeper;

/// <summary>
/// Escapes what Go's encoding/json escapes, and as it does: quotes, backslashes and control characters, <c>&lt; &gt; &amp;</c>, U+2028 and U+2029, in lower-case
/// hex; half of a surrogate pair and each byte that is no UTF-8 become <c>\ufffd</c>. All else stays as it is.
/// </summary>
internal sealed unsafe class GoJsonEncoder : JavaScriptEncoder
{
    private const int LongestEscape = 6;

    private GoJsonEncoder()
    {
    }

    public static GoJsonEncoder Instance { get; } = new();

    public override int MaxOutputCharactersPerInputCharacter => LongestEscape;

    private static ReadOnlySpan<byte> Broken => "\\ufffd"u8;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < 0x20 or '"' or '\\' or '<' or '>' or '&' or 0x2028 or 0x2029;

    public override int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var rest = new ReadOnlySpan<char>(text, textLength);
        while (rest.Length > 0)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != OperationStatus.Done || WillEncode(rune.Value))
            {
                return textLength - rest.Length;
            }

            rest = rest[length..];
        }

        return -1;
    }

    public override bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var destination = new Span<char>(buffer, bufferLength);
        if (!WillEncode(unicodeScalar))
        {
            return new Rune(unicodeScalar).TryEncodeToUtf16(destination, out numberOfCharactersWritten);
        }

        Span<byte> escape = stackalloc byte[LongestEscape];
        return TryWiden(escape[..Escape(unicodeScalar, escape)], destination, out numberOfCharactersWritten);
    }

    public override OperationStatus Encode(ReadOnlySpan<char> source, Span<char> destination, out int charsConsumed, out int charsWritten, bool isFinalBlock = true)
    {
        Span<byte> escape = stackalloc byte[LongestEscape];
        (charsConsumed, charsWritten) = (0, 0);
        while (charsConsumed < source.Length)
        {
            var status = Rune.DecodeFromUtf16(source[charsConsumed..], out var rune, out var length);
            if (status == OperationStatus.NeedMoreData && !isFinalBlock)
            {
                return OperationStatus.NeedMoreData;
            }

            int written;
            var fits = status == OperationStatus.Done && !WillEncode(rune.Value)
                ? rune.TryEncodeToUtf16(destination[charsWritten..], out written)
                : TryWiden(status == OperationStatus.Done ? escape[..Escape(rune.Value, escape)] : Broken, destination[charsWritten..], out written);
            if (!fits)
            {
                return OperationStatus.DestinationTooSmall;
            }

            charsConsumed += length;
            charsWritten += written;
        }

        return OperationStatus.Done;
    }

    public override OperationStatus EncodeUtf8(ReadOnlySpan<byte> utf8Source, Span<byte> utf8Destination, out int bytesConsumed, out int bytesWritten, bool isFinalBlock = true)
    {
        Span<byte> escape = stackalloc byte[LongestEscape];
        (bytesConsumed, bytesWritten) = (0, 0);
        while (bytesConsumed < utf8Source.Length)
        {
            var status = Rune.DecodeFromUtf8(utf8Source[bytesConsumed..], out var rune, out var length);
            if (status == OperationStatus.NeedMoreData && !isFinalBlock)
            {
                return OperationStatus.NeedMoreData;
            }

            // Go takes broken text byte by byte.
            var isText = status == OperationStatus.Done;
            length = isText ? length : 1;
            var piece = !isText ? Broken : WillEncode(rune.Value) ? escape[..Escape(rune.Value, escape)] : utf8Source.Slice(bytesConsumed, length);
            if (!piece.TryCopyTo(utf8Destination[bytesWritten..]))
            {
                return OperationStatus.DestinationTooSmall;
            }

            bytesConsumed += length;
            bytesWritten += piece.Length;
        }

        return OperationStatus.Done;
    }

    private static bool TryWiden(ReadOnlySpan<byte> ascii, Span<char> destination, out int written) =>
        Ascii.ToUtf16(ascii, destination, out written) == OperationStatus.Done;

    private static int Escape(int scalar, Span<byte> destination)
    {
        destination[0] = (byte)'\\';
        destination[1] = scalar switch
        {
            '"' => (byte)'"',
            '\\' => (byte)'\\',
            '\n' => (byte)'n',
            '\r' => (byte)'r',
            '\t' => (byte)'t',
            _ => (byte)'u',
        };
        if (destination[1] != 'u')
        {
            return 2;
        }

        for (var i = 0; i < 4; i++)
        {
            destination[2 + i] = "0123456789abcdef"u8[(scalar >> (12 - (4 * i))) & 0xF];
        }

        return LongestEscape;
    }
}
