using System.Buffers;

namespace RingKeeper;

/// <summary>Turns values into bytes and back. Arrays of bytes are stored as they are and never meet it; nor do texts, but in the format of the Go package.</summary>
public interface ICacheSerializer
{
    /// <summary>Writes a value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="destination">Receives the bytes.</param>
    void Serialize<T>(T value, IBufferWriter<byte> destination);

    /// <summary>Reads a value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="source">The bytes that <see cref="Serialize"/> wrote.</param>
    /// <returns>The value.</returns>
    /// <exception cref="RingKeeperException">The bytes are no such value.</exception>
    T Deserialize<T>(ReadOnlySpan<byte> source);
}
