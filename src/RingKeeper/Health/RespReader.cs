using System.Globalization;
using System.Text;

namespace RingKeeper;

/// <summary>Reads answers from bytes as they trickle in; anything that no Redis server answers to a probe is garbage.</summary>
internal sealed class RespReader
{
    private const int MostOfLine = 1024;

    // INFO replication has a line for each replica.
    private const int MostOfBulk = 1 << 20;

    private readonly byte[] _line = new byte[MostOfLine];
    private int _length;

    // While a text is read: its bytes and the two that end it.
    private byte[]? _bulk;

    /// <summary>Takes bytes up to the end of the next answer.</summary>
    /// <param name="bytes">What came in.</param>
    /// <param name="consumed">How many were taken.</param>
    /// <param name="reply">The answer, if one is complete.</param>
    /// <returns>Whether an answer is complete.</returns>
    /// <exception cref="FormatException">No Redis server answers so.</exception>
    public bool TryRead(ReadOnlySpan<byte> bytes, out int consumed, out RespReply reply)
    {
        consumed = 0;
        while (consumed < bytes.Length)
        {
            if (_bulk is not null)
            {
                if (TakeBulk(bytes, ref consumed, out reply))
                {
                    return true;
                }
            }
            else if (TakeLine(bytes[consumed++], out reply))
            {
                return true;
            }
        }

        reply = default;
        return false;
    }

    private bool TakeLine(byte next, out RespReply reply)
    {
        reply = default;
        if (_length == 0 && next is not ((byte)'+' or (byte)'-' or (byte)'$'))
        {
            throw new FormatException($"an answer cannot start with byte 0x{next:x2}");
        }

        if (next != (byte)'\n')
        {
            if (_length == MostOfLine)
            {
                throw new FormatException($"the line is longer than {MostOfLine} bytes");
            }

            _line[_length++] = next;
            return false;
        }

        if (_line[_length - 1] != (byte)'\r')
        {
            throw new FormatException("the line ends without a carriage return");
        }

        var text = Encoding.UTF8.GetString(_line, 1, Math.Max(0, _length - 2));
        _length = 0;
        if (_line[0] != (byte)'$')
        {
            reply = new RespReply(_line[0] == (byte)'-', text);
            return true;
        }

        reply = new RespReply(false, "", IsBulk: true);
        return !BeginBulk(text);
    }

    // False: there is no text, not even an empty one.
    private bool BeginBulk(string length)
    {
        if (!int.TryParse(length, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) || count is < -1 or > MostOfBulk)
        {
            throw new FormatException($"a text cannot have the length '{length}'");
        }

        _bulk = count < 0 ? null : new byte[count + 2];
        return _bulk is not null;
    }

    private bool TakeBulk(ReadOnlySpan<byte> bytes, ref int consumed, out RespReply reply)
    {
        reply = default;
        var bulk = _bulk!;
        var taken = Math.Min(bytes.Length - consumed, bulk.Length - _length);
        bytes.Slice(consumed, taken).CopyTo(bulk.AsSpan(_length));
        consumed += taken;
        _length += taken;
        if (_length < bulk.Length)
        {
            return false;
        }

        if (!bulk.AsSpan(^2).SequenceEqual("\r\n"u8))
        {
            throw new FormatException("the text is longer than it said");
        }

        reply = new RespReply(false, Encoding.UTF8.GetString(bulk, 0, bulk.Length - 2), IsBulk: true);
        _bulk = null;
        _length = 0;
        return true;
    }
}
