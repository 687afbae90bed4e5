using System.Globalization;

namespace RingKeeper.Cli;

/// <summary>Makes texts of others harmless to a terminal.</summary>
internal static class Plain
{
    /// <summary>The text with what steers a terminal, or cannot be seen, written as its code.</summary>
    public static string Of(string text) => text.Any(IsHidden) ? string.Concat(text.Select(static c => IsHidden(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : $"{c}")) : text;

    /// <summary>The bytes of a key: printable ASCII as it is, all else as <c>\xNN</c>, and a backslash twice.</summary>
    public static string OfBytes(ReadOnlySpan<byte> bytes)
    {
        var text = new System.Text.StringBuilder(bytes.Length);
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

    private static bool IsHidden(char c) => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
