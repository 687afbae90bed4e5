using System.Text;

namespace RingKeeper;

/// <summary>One line that a Redis server answers: <c>+text</c> or <c>-error</c>.</summary>
internal readonly record struct RespLine(bool IsError, string Text);

/// <summary>Reads such lines from bytes as they trickle in; anything else is garbage.</summary>
internal sealed class RespLineReader
{
    private const int MaxLength = 1024;
    private readonly byte[] _line = new byte[MaxLength];
    private int _length;

    /// <summary>Takes bytes up to the end of the next line.</summary>
    /// <param name="bytes">What came in.</param>
    /// <param name="consumed">How many were taken.</param>
    /// <param name="line">The line, if one is complete.</param>
    /// <returns>Whether a line is complete.</returns>
    /// <exception cref="FormatException">No Redis server answers so.</exception>
    public bool TryRead(ReadOnlySpan<byte> bytes, out int consumed, out RespLine line)
    {
        line = default;
        for (consumed = 0; consumed < bytes.Length;)
        {
            var next = bytes[consumed++];
            if (_length == 0 && next is not ((byte)'+' or (byte)'-'))
            {
                throw new FormatException($"an answer cannot start with byte 0x{next:x2}");
            }

            if (next == (byte)'\n')
            {
                line = TakeLine();
                return true;
            }

            if (_length == MaxLength)
            {
                throw new FormatException($"the line is longer than {MaxLength} bytes");
            }

            _line[_length++] = next;
        }

        return false;
    }

    private RespLine TakeLine()
    {
        if (_line[_length - 1] != (byte)'\r')
        {
            throw new FormatException("the line ends without a carriage return");
        }

        var line = new RespLine(_line[0] == (byte)'-', Encoding.UTF8.GetString(_line, 1, Math.Max(0, _length - 2)));
        _length = 0;
        return line;
    }
}
