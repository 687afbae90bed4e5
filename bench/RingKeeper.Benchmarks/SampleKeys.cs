using System.Text;

namespace RingKeeper.Benchmarks;

/// <summary>
/// Keys of ASCII, as bytes and as text. One call looks up a window of them, and the windows take turns: over a few thousand keys the processor learns
/// which way every comparison goes, and a search looks twice as fast as it is on keys that it has not just seen.
/// </summary>
internal static class SampleKeys
{
    public const int Count = 1 << 16;
    public const int Window = 4096;
    public const int Length = 16;

    public static string[] Texts(int count = Count, int length = Length)
    {
        const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789";
        var random = new Random(20261122);
        return [.. Enumerable.Range(0, count).Select(_ => string.Create(length, random, static (text, random) => random.GetItems(Letters, text)))];
    }

    public static byte[][] Bytes(int count = Count, int length = Length) => [.. Texts(count, length).Select(Encoding.ASCII.GetBytes)];

    /// <summary>The keys of the nth call.</summary>
    public static Span<T> Of<T>(T[] keys, int call) => keys.AsSpan(call % Math.Max(1, keys.Length / Window) * Window, Math.Min(Window, keys.Length));
}
