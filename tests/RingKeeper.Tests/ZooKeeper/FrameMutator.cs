using System.Buffers.Binary;

namespace RingKeeper.Tests.ZooKeeper;

/// <summary>Makes bad frames of good ones: bits flipped, ends cut or grown, lengths replaced, pieces of two frames joined. The same for the same seed.</summary>
internal sealed class FrameMutator(int seed, IReadOnlyList<byte[]> valid)
{
    private static readonly int[] TellingNumbers = [-1, -2, 0, 1, 2, 4, 16, 127, 128, 255, 65_535, 65_536, 1_048_575, int.MaxValue, int.MaxValue - 3, int.MinValue, 0x0FFFFFFF];

    private readonly Random _random = new(seed);

    /// <summary>One in eight is left as it is, so that what follows meets a state that valid requests made.</summary>
    public byte[] Next(byte[]? frame = null)
    {
        frame ??= valid[_random.Next(valid.Count)];
        if (_random.Next(8) == 0)
        {
            return frame;
        }

        for (var changes = 1 + _random.Next(3); changes > 0; changes--)
        {
            frame = Change([.. frame]);
        }

        return frame;
    }

    public int Choose(int count) => _random.Next(count);

    private byte[] Change(byte[] frame)
    {
        switch (_random.Next(7))
        {
            case 0 when frame.Length > 0:
                frame[_random.Next(frame.Length)] ^= (byte)(1 << _random.Next(8));
                return frame;
            case 1:
                return frame[.._random.Next(frame.Length + 1)];
            case 2:
                var tail = new byte[_random.Next(64)];
                _random.NextBytes(tail);
                return [.. frame, .. tail];
            case 3 or 4 when frame.Length >= sizeof(int):
                var number = _random.Next(4) == 0 ? frame.Length + _random.Next(-8, 9) : TellingNumbers[_random.Next(TellingNumbers.Length)];
                BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(_random.Next(frame.Length - sizeof(int) + 1)), number);
                return frame;
            case 5:
                var other = valid[_random.Next(valid.Count)];
                return [.. frame.AsSpan(0, _random.Next(frame.Length + 1)), .. other.AsSpan(_random.Next(other.Length + 1))];
            case 6 when frame.Length > 0:
                var from = _random.Next(frame.Length);
                var piece = frame.AsSpan(from, _random.Next(Math.Min(64, frame.Length - from) + 1));
                return [.. frame.AsSpan(0, from), .. piece, .. frame.AsSpan(from)];
            default:
                return frame;
        }
    }
}
