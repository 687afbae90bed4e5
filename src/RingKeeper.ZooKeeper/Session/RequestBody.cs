using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Encodes a request on the caller's thread, so that the caller's buffer is free when the call returns and its size is known before it is sent.</summary>
internal static class RequestBody
{
    private const int KeptCapacity = 64 * 1024;

    [ThreadStatic]
    private static FrameWriter? t_writer;

    public static byte[] Encode<TRecord>(TRecord record)
        where TRecord : struct, IRecord => EncodeShared(record).ToArray();

    /// <summary>Encodes into a buffer that is valid until this thread encodes again.</summary>
    public static ReadOnlySpan<byte> EncodeShared<TRecord>(TRecord record)
        where TRecord : struct, IRecord
    {
        var writer = t_writer ??= new FrameWriter();
        writer.Clear();
        record.Write(writer);
        if (writer.Length > KeptCapacity)
        {
            t_writer = null;
        }

        return writer.Written.Span;
    }
}
