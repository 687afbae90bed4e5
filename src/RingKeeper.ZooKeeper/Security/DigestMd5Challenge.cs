using System.Text;

namespace RingKeeper.ZooKeeper.Security;

/// <summary>What a server says in DIGEST-MD5 (RFC 2831, 2.1.1 and 2.1.3): <c>name=value</c> and <c>name="value"</c>, with commas between them.</summary>
internal sealed class DigestMd5Challenge
{
    private readonly List<(string Name, string Value)> _directives = [];

    private DigestMd5Challenge()
    {
    }

    /// <exception cref="SecurityFailureException">The text is no such list, or names twice what may stand once.</exception>
    public static DigestMd5Challenge Parse(ReadOnlySpan<byte> bytes)
    {
        var (challenge, text, at) = (new DigestMd5Challenge(), Encoding.UTF8.GetString(bytes), 0);
        while (true)
        {
            SkipBlanks(text, ref at);
            if (at == text.Length)
            {
                return challenge;
            }

            // Lists may hold empty elements.
            if (text[at] == ',')
            {
                at++;
                continue;
            }

            var name = ReadToken(text, ref at);
            SkipBlanks(text, ref at);
            if (name.Length == 0 || at == text.Length || text[at] != '=')
            {
                throw Broken("it is not a list of name=value");
            }

            at++;
            SkipBlanks(text, ref at);
            var value = at < text.Length && text[at] == '"' ? ReadQuoted(text, ref at) : ReadToken(text, ref at);
            challenge._directives.Add((name.ToLowerInvariant(), value));
            SkipBlanks(text, ref at);
            if (at < text.Length && text[at] != ',')
            {
                throw Broken("there is no comma after a value");
            }
        }
    }

    /// <summary>The value that may stand once; null where it does not stand at all.</summary>
    /// <exception cref="SecurityFailureException">It stands twice.</exception>
    public string? Single(string name)
    {
        var values = All(name);
        return values.Count > 1 ? throw Broken($"it holds {name} {values.Count} times") : values.FirstOrDefault();
    }

    public List<string> All(string name) => [.. _directives.Where(directive => directive.Name == name).Select(static directive => directive.Value)];

    public static SecurityFailureException Broken(string why) => new($"SASL DIGEST-MD5 failed: what the server said breaks the mechanism's rules (RFC 2831): {why}");

    private static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t' or '\r' or '\n')
        {
            at++;
        }
    }

    private static string ReadToken(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && text[at] is > ' ' and not (',' or '=' or '"'))
        {
            at++;
        }

        return text[start..at];
    }

    private static string ReadQuoted(string text, ref int at)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                at++;
                return value.ToString();
            }

            at += text[at] == '\\' ? 1 : 0;
            if (at < text.Length)
            {
                value.Append(text[at]);
            }
        }

        throw Broken("a quoted value does not end");
    }
}
