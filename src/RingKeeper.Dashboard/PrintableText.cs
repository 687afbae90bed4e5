using System.Buffers;
using System.Globalization;
using System.Text;

namespace RingKeeper.Dashboard;

/// <summary>Makes of a text that anybody may have written one that can only be read: it steers neither the terminal, nor the direction of what follows. Pure.</summary>
internal static class PrintableText
{
    /// <summary>Stands for what cannot be shown.</summary>
    public const char Replacement = '\uFFFD';

    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(0x20, 0x7F - 0x20).Select(static c => (char)c)]);

    /// <summary>The text with each control, each mark that turns the direction of writing, and each broken surrogate replaced.</summary>
    public static string Of(string text)
    {
        if (text.AsSpan().IndexOfAnyExcept(Plain) < 0)
        {
            return text;
        }

        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // A broken surrogate is enumerated as the replacement already.
            shown.Append(IsShown(rune) ? rune : new Rune(Replacement));
        }

        return shown.ToString();
    }

    /// <summary>The same, cut at so many of what people see as characters.</summary>
    public static string Of(string text, int length)
    {
        var shown = Of(text);
        var elements = StringInfo.ParseCombiningCharacters(shown);
        return elements.Length <= length ? shown : $"{shown[..elements[length - 1]]}…";
    }

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        // Joiners make one picture of several; all other marks of this kind only steer.
        UnicodeCategory.Format => rune.Value is 0x200D or (>= 0xE0020 and <= 0xE007F),
        UnicodeCategory.OtherNotAssigned => rune.Value is not (0xFFFE or 0xFFFF),
        _ => true,
    };
}
