using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RingKeeper;

/// <summary>A notice as it travels; all numbers big-endian. Pure.</summary>
/// <remarks>
/// Bytes 0 to 3: F7 'R' 'B' and the format's version, 1. 4: the kind, or 255 for the proof of a subscription. 5 to 20: the sender. 21 to 24: the length of the name in
/// UTF-8, which follows; then the data.
/// </remarks>
internal static class BackplaneMessage
{
    private const int HeadLength = 25;
    private const byte Proof = 255;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> Magic => [0xF7, (byte)'R', (byte)'B', 1];

    /// <summary>Writes a notice.</summary>
    public static byte[] Write(Guid sender, CacheNotice notice) => Write(sender, (byte)notice.Kind, notice.Name, notice.Data.Span);

    /// <summary>Writes the proof of a subscription: nobody but its sender heeds it.</summary>
    public static byte[] WriteProof(Guid sender) => Write(sender, Proof, "", []);

    /// <summary>Reads a message; false where the bytes are none, or one of a later format.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Guid sender, [NotNullWhen(true)] out CacheNotice? notice, out bool isProof)
    {
        (sender, notice, isProof) = (default, null, false);
        if (bytes.Length < HeadLength || !bytes.StartsWith(Magic) || (bytes[4] > (byte)CacheNoticeKind.Everything && bytes[4] != Proof))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[21..]);
        if (length > bytes.Length - HeadLength)
        {
            return false;
        }

        try
        {
            notice = new CacheNotice((CacheNoticeKind)bytes[4], Strict.GetString(bytes.Slice(HeadLength, (int)length)), bytes[(HeadLength + (int)length)..].ToArray());
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        sender = new Guid(bytes.Slice(5, 16), bigEndian: true);
        isProof = bytes[4] == Proof;
        return true;
    }

    private static byte[] Write(Guid sender, byte kind, string name, ReadOnlySpan<byte> data)
    {
        var length = Encoding.UTF8.GetByteCount(name);
        var bytes = new byte[HeadLength + length + data.Length];
        Magic.CopyTo(bytes);
        bytes[4] = kind;
        sender.TryWriteBytes(bytes.AsSpan(5), bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(21), (uint)length);
        Encoding.UTF8.GetBytes(name, bytes.AsSpan(HeadLength));
        data.CopyTo(bytes.AsSpan(HeadLength + length));
        return bytes;
    }
}
