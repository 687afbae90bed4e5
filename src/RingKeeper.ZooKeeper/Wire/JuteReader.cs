using System.Buffers.Binary;
using System.Text;

namespace RingKeeper.ZooKeeper.Wire;

/// <summary>Reads jute primitives from one frame; trailing bytes are left alone, as the protocol asks.</summary>
internal ref struct JuteReader(ReadOnlySpan<byte> frame)
{
    private ReadOnlySpan<byte> _rest = frame;

    public readonly int Remaining => _rest.Length;

    public byte ReadByte()
    {
        var value = Take(1)[0];
        return value;
    }

    public bool ReadBool() => ReadByte() != 0;

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    /// <summary>Reads a string; null is a length of -1.</summary>
    public string? ReadString()
    {
        var length = ReadLength();
        return length < 0 ? null : Encoding.UTF8.GetString(Take(length));
    }

    /// <summary>Reads the path of a request, which must not be null.</summary>
    public string ReadPath() => ReadString() ?? throw new JuteException("A path is missing.");

    /// <summary>Reads a buffer; null is a length of -1.</summary>
    public byte[]? ReadBuffer()
    {
        var length = ReadLength();
        return length < 0 ? null : Take(length).ToArray();
    }

    /// <summary>Reads the count of a vector; -1 is a null vector. Each item takes at least <paramref name="minItemSize"/> bytes, so a count that cannot fit is refused.</summary>
    public int ReadCount(int minItemSize)
    {
        var count = ReadInt32();
        if (count < -1 || (long)count * minItemSize > _rest.Length)
        {
            throw new JuteException($"A vector of {count} items does not fit the {_rest.Length} bytes left in the frame.");
        }

        return count;
    }

    public List<string> ReadStrings()
    {
        var count = ReadCount(4);
        var items = new List<string>(Math.Max(count, 0));
        for (var i = 0; i < count; i++)
        {
            items.Add(ReadString() ?? "");
        }

        return items;
    }

    private int ReadLength()
    {
        var length = ReadInt32();
        return length >= -1 ? length : throw new JuteException($"A length of {length} is not allowed.");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw new JuteException($"The frame ends early: {count} bytes wanted, {_rest.Length} left.");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}

/// <summary>A frame does not hold the record that it should.</summary>
internal sealed class JuteException(string message) : Exception(message);
