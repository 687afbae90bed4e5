using System.Buffers;
using System.Globalization;
using System.Text;

namespace RingKeeper;

/// <summary>Writes JSON byte for byte as Go's encoding/json does: compact, raw UTF-8, and <c>&lt; &gt; &amp;</c> and U+2028/9 escaped in lower-case hex.</summary>
internal sealed class GoJsonWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public GoJsonWriter Raw(string json)
    {
        Encoding.UTF8.GetBytes(json, _buffer);
        return this;
    }

    public GoJsonWriter Name(string name) => String(name).Raw(":");

    public GoJsonWriter Bool(bool value) => Raw(value ? "true" : "false");

    public GoJsonWriter Number(long value) => Raw(value.ToString(CultureInfo.InvariantCulture));

    public GoJsonWriter String(string value)
    {
        Raw("\"");
        for (var rest = value.AsSpan(); rest.Length > 0;)
        {
            var isText = Rune.DecodeFromUtf16(rest, out var rune, out var length) == OperationStatus.Done;
            rest = rest[length..];
            if (isText)
            {
                Write(rune);
            }
            else
            {
                // Half of a surrogate pair, as broken UTF-8 in Go.
                Raw("\\ufffd");
            }
        }

        return Raw("\"");
    }

    private void Write(Rune rune)
    {
        switch (rune.Value)
        {
            case '"': Raw("\\\""); break;
            case '\\': Raw("\\\\"); break;
            case '\n': Raw("\\n"); break;
            case '\r': Raw("\\r"); break;
            case '\t': Raw("\\t"); break;
            case < 0x20 or '<' or '>' or '&' or 0x2028 or 0x2029: Raw($"\\u{rune.Value:x4}"); break;
            default:
                _buffer.Advance(rune.EncodeToUtf8(_buffer.GetSpan(4)));
                break;
        }
    }
}
