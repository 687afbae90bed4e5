using System.Buffers;
using System.Globalization;
using System.Text;

namespace RingKeeper.Cli;

/// <summary>Makes text safe to write to a terminal: names come from ZooKeeper, where anybody may have written them. Pure.</summary>
internal static class TerminalText
{
    private static readonly SearchValues<char> Obeyed =
        SearchValues.Create([.. Enumerable.Range(0, 0x206a).Select(static c => (char)c).Where(IsObeyed)]);

    /// <summary>Writes what a terminal would obey, or would use to show the rest in another order, as its number; a line stays one line.</summary>
    public static string Of(string text) => text.AsSpan().IndexOfAny(Obeyed) < 0 ? text : Escape(text);

    /// <summary>What a terminal obeys: C0 with the line's end, DEL, C1, the other ends of lines, and what turns the direction of writing.</summary>
    public static bool IsObeyed(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or '\u061c' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    private static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            _ = IsObeyed(c) ? safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : safe.Append(c);
        }

        return safe.ToString();
    }
}
