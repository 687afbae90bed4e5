using System.Buffers.Binary;
using System.Text;

namespace RingKeeper.IntegrationTests.Diagnostics;

/// <summary>The fields of one message of Protocol Buffers, by number; what a field means is up to who asks.</summary>
internal sealed class ProtobufFields
{
    private readonly List<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> _fields = [];

    public ProtobufFields(ReadOnlyMemory<byte> message)
    {
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint(message.Span, ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    _fields.Add((number, Varint(message.Span, ref at), default));
                    break;
                case 1:
                    _fields.Add((number, BinaryPrimitives.ReadUInt64LittleEndian(message.Span[at..]), default));
                    at += sizeof(ulong);
                    break;
                case 2:
                    var length = (int)Varint(message.Span, ref at);
                    _fields.Add((number, 0, message.Slice(at, length)));
                    at += length;
                    break;
                case 5:
                    _fields.Add((number, BinaryPrimitives.ReadUInt32LittleEndian(message.Span[at..]), default));
                    at += sizeof(uint);
                    break;
                default:
                    throw new InvalidDataException($"Field {number} is of wire type {tag & 7}, which OTLP does not use.");
            }
        }
    }

    public bool Has(int number) => _fields.Exists(field => field.Number == number);

    public ulong Number(int number) => _fields.Find(field => field.Number == number).Value;

    public string Text(int number) => Encoding.UTF8.GetString(_fields.Find(field => field.Number == number).Bytes.Span);

    /// <summary>The messages in a field that may be there more than once.</summary>
    public IEnumerable<ProtobufFields> All(int number) => _fields.Where(field => field.Number == number).Select(static field => new ProtobufFields(field.Bytes));

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
