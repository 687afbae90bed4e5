using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace RingKeeper.Cli.Documents;

/// <summary>
/// Reads YAML, and JSON with it, into plain values that know their lines. Anchors, aliases, tags and names given twice are refused: what a
/// file says must stand in it. No message quotes a value, since it may be a password. Pure.
/// </summary>
/// <param name="name">What the file is called in messages.</param>
internal sealed class YamlFile(string name)
{
    private const int MostDepth = 16;

    public string Name { get; } = name;

    /// <summary>Reads every document that is not empty.</summary>
    /// <exception cref="RingKeeperException">The text is not YAML, or holds what is refused.</exception>
    public IReadOnlyList<YamlNode> Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        var documents = new List<YamlNode>();
        try
        {
            while (parser.MoveNext())
            {
                if (parser.Current is (NodeEvent or AnchorAlias) && ReadNode(parser, 0) is not YamlScalar { IsNothing: true } and var node)
                {
                    documents.Add(node);
                }
            }
        }
        catch (YamlException e)
        {
            throw new RingKeeperException($"{Name}, line {e.Start.Line}, column {e.Start.Column}: this is not YAML: {e.Message}", e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // So the library refuses some odd tags, and text behind the end of a document. Its words may quote them: they go no further.
            throw new RingKeeperException($"{Name}, line {parser.Current?.End.Line ?? 1} or after: this is not YAML.");
        }

        return documents;
    }

    /// <summary>Says that a line of the file cannot be taken.</summary>
    public RingKeeperException Flaw(int line, string message) => new($"{Name}, line {line}: {message}");

    /// <summary>Takes a value that must be a text without parts.</summary>
    public YamlScalar Scalar(YamlField field) => field.Value switch
    {
        YamlScalar { IsNothing: true } => throw Flaw(field.Line, $"{field.Name} has no value; give one, or leave the line out. Quote it if it is meant as text."),
        YamlScalar scalar => scalar,
        _ => throw Flaw(field.Line, $"{field.Name} must be a single value. A text with braces or brackets needs quotes."),
    };

    public YamlMapping Mapping(YamlNode node, string what) =>
        node as YamlMapping ?? throw Flaw(node.Line, $"{what} must be names with values, such as 'name: value'.");

    public YamlSequence Sequence(YamlField field) =>
        field.Value as YamlSequence ?? throw Flaw(field.Line, $"{field.Name} must be a list, each item on a line that begins with '- '.");

    private YamlNode ReadNode(Parser parser, int depth)
    {
        var current = parser.Current as NodeEvent;
        var line = Line(parser.Current!);
        if (current is null || !current.Anchor.IsEmpty)
        {
            throw Flaw(line, "anchors (&) and aliases (*) are not taken; write the value out, in quotes if it is a text that begins so.");
        }

        if (!current.Tag.IsEmpty)
        {
            throw Flaw(line, "tags (!) are not taken; leave it out, or put a text that begins so into quotes.");
        }

        if (depth == MostDepth)
        {
            throw Flaw(line, $"values are nested more than {MostDepth} deep.");
        }

        return current switch
        {
            Scalar scalar => new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, line),
            SequenceStart => ReadSequence(parser, depth, line),
            _ => ReadMapping(parser, depth, line),
        };
    }

    private YamlSequence ReadSequence(Parser parser, int depth, int line)
    {
        var items = new List<YamlNode>();
        while (parser.MoveNext() && parser.Current is not SequenceEnd)
        {
            items.Add(ReadNode(parser, depth + 1));
        }

        return new YamlSequence(items, line);
    }

    private YamlMapping ReadMapping(Parser parser, int depth, int line)
    {
        var fields = new List<YamlField>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (parser.MoveNext() && parser.Current is not MappingEnd)
        {
            var at = Line(parser.Current!);
            if (ReadNode(parser, depth + 1) is not YamlScalar key)
            {
                throw Flaw(at, "a name must be a text.");
            }

            if (!lines.TryAdd(key.Text, at))
            {
                throw Flaw(at, $"{key.Text} is given twice; it stands on line {lines[key.Text]} too.");
            }

            parser.MoveNext();
            fields.Add(new YamlField(key.Text, ReadNode(parser, depth + 1), at));
        }

        return new YamlMapping(fields, line);
    }

    private static int Line(ParsingEvent parsed) => (int)parsed.Start.Line;
}
