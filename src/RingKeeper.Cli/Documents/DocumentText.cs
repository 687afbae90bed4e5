using System.Globalization;
using System.Text;

namespace RingKeeper.Cli.Documents;

/// <summary>Writes texts so that YAML and, in double quotes, JSON read exactly them back. Pure.</summary>
internal static class DocumentText
{
    // What some reader of YAML takes for something else than a text.
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase) { "null", "true", "false", "yes", "no", "on", "off", "y", "n" };

    /// <summary>Writes a text as YAML: without quotes where nothing could take it for something else.</summary>
    public static string ToYaml(string text)
    {
        if (IsPlain(text))
        {
            return text;
        }

        return text.AsSpan().IndexOfAny('"', '\\') >= 0 && !text.Any(MustEscape)
            ? $"'{text.Replace("'", "''", StringComparison.Ordinal)}'"
            : Quote(text);
    }

    /// <summary>Writes a text in double quotes, with escapes that JSON and YAML share.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                _ when MustEscape(c) => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    // YAML breaks lines at more characters than JSON, neither shows these, and a terminal must not obey any.
    private static bool MustEscape(char c) => TerminalText.IsObeyed(c) || c is '\ufeff' or >= '\ufffe';

    private static bool IsPlain(string text) =>
        text.Length > 0
        && text[^1] != ':'
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '/')
        && (char.IsAsciiLetter(text[0]) ? !Words.Contains(text) : IsAddress(text));

    // With three dots it is no number, date or time to anybody.
    private static bool IsAddress(string text) => char.IsAsciiDigit(text[0]) && text.Count(static c => c == '.') == 3;
}
