using System.Buffers;
using System.Text;

namespace RingKeeper.Dashboard;

/// <summary>
/// Writes HTML that is also XML. Whatever is given as a text or the value of an attribute is escaped here, where it is written, so that nobody can forget it; there is no
/// way to write a handler of events or a style.
/// </summary>
internal sealed class HtmlWriter
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    private readonly StringBuilder _html = new();
    private readonly Stack<string> _open = new();

    /// <summary>Writes one part of a page.</summary>
    public static string Write(Action<HtmlWriter> write)
    {
        var writer = new HtmlWriter();
        write(writer);
        return writer.ToString();
    }

    /// <summary>Starts an element.</summary>
    /// <param name="tag">Its name.</param>
    /// <param name="attributes">Its attributes; one without a value (null) is left out.</param>
    public HtmlWriter Start(string tag, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Tag(tag, attributes);
        _html.Append('>');
        _open.Push(tag);
        return this;
    }

    /// <summary>Ends the element that was started last.</summary>
    public HtmlWriter End()
    {
        _html.Append("</").Append(_open.Pop()).Append('>');
        return this;
    }

    /// <summary>Writes an element that holds nothing but a text.</summary>
    public HtmlWriter Element(string tag, string text, params ReadOnlySpan<(string Name, string? Value)> attributes) => Start(tag, attributes).Text(text).End();

    /// <summary>Writes an element that can hold nothing.</summary>
    public HtmlWriter Empty(string tag, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Tag(tag, attributes);
        _html.Append("/>");
        return this;
    }

    /// <summary>Writes a text.</summary>
    public HtmlWriter Text(string text)
    {
        Escape(text);
        return this;
    }

    /// <summary>Writes a name that somebody chose: its direction of writing is its own.</summary>
    public HtmlWriter Name(string name) => Element("bdi", name);

    /// <summary>Writes a whole element of this writer's making: a part that was written before.</summary>
    public HtmlWriter Part(string html)
    {
        _html.Append(html);
        return this;
    }

    /// <summary>Gives what was written.</summary>
    /// <exception cref="InvalidOperationException">An element was not ended.</exception>
    public override string ToString() => _open.Count == 0 ? _html.ToString() : throw new InvalidOperationException($"The element {_open.Peek()} is not ended.");

    private void Tag(string tag, ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        _html.Append('<').Append(Checked(tag));
        foreach (var (name, value) in attributes)
        {
            if (value is null)
            {
                continue;
            }

            if (name == "style" || name.StartsWith("on", StringComparison.OrdinalIgnoreCase))
            {
                throw new ArgumentException($"The page's security policy allows no attribute '{name}'; it belongs into dashboard.css or dashboard.js.", nameof(attributes));
            }

            _html.Append(' ').Append(Checked(name)).Append("=\"");
            Escape(value);
            _html.Append('"');
        }
    }

    private static string Checked(string name) =>
        name.Length > 0 && !name.AsSpan().ContainsAnyExcept(NameCharacters) ? name : throw new ArgumentException($"'{PrintableText.Of(name)}' is no name of an element or an attribute.", nameof(name));

    private void Escape(string text)
    {
        foreach (var c in PrintableText.Of(text))
        {
            _ = c switch
            {
                '<' => _html.Append("&lt;"),
                '>' => _html.Append("&gt;"),
                '&' => _html.Append("&amp;"),
                '"' => _html.Append("&quot;"),
                '\'' => _html.Append("&#39;"),
                _ => _html.Append(c),
            };
        }
    }
}
