using System.Globalization;
using System.Text;

namespace RingKeeper.Cli;

/// <summary>Shows keys, which are bytes, to people. Pure.</summary>
internal static class KeyText
{
    /// <summary>Printable ASCII as it is, all else as <c>\xNN</c>, and a backslash twice.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var one in bytes)
        {
            _ = one switch
            {
                (byte)'\\' => text.Append("\\\\"),
                >= 0x20 and < 0x7f => text.Append((char)one),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\x{one:x2}"),
            };
        }

        return text.ToString();
    }
}
