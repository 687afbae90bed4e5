using System.Globalization;
using System.Text;

namespace RingKeeper.Cli.Documents;

/// <summary>Keys to try rings with, always the same. Pure.</summary>
internal static class SampleKeys
{
    public const int Count = 100_000;

    /// <summary>Lists the keys; where hash tags are given, every second key carries one, in turn.</summary>
    /// <param name="tags">Hash tags, two characters each.</param>
    /// <param name="count">How many (default: <see cref="Count"/>).</param>
    public static IEnumerable<byte[]> Of(IReadOnlyList<string> tags, int count = Count)
    {
        for (var i = 0; i < count; i++)
        {
            yield return Encoding.ASCII.GetBytes(tags.Count > 0 && i % 2 == 1
                ? Tagged(tags[i / 2 % tags.Count], i)
                : string.Create(CultureInfo.InvariantCulture, $"key:{i}"));
        }
    }

    private static string Tagged(string tag, int number) => string.Create(CultureInfo.InvariantCulture, $"{tag[0]}user:{number}{tag[1]}:cart");
}
