using System.Text.Json;

namespace RingKeeper.Cli.Documents;

/// <summary>Reads the fields of options or of a shard. Each is decoded on its own, so that a flaw has a line. Pure.</summary>
/// <param name="yaml">The file.</param>
/// <param name="what">What has the fields, for messages.</param>
/// <param name="decode">Decodes fields and gives those that this version does not know.</param>
internal sealed class ClusterFieldReader(YamlFile yaml, string what, Func<IEnumerable<ClusterField>, string, UnknownFields> decode)
{
    private const string Extra = "extra";

    public IReadOnlyList<ClusterField> Read(YamlMapping mapping)
    {
        var fields = new List<ClusterField>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (source, field) in mapping.Fields.SelectMany(ReadField))
        {
            // The codec takes the names it knows in any case, and those that an older version carried as extra too.
            if (!lines.TryAdd(IsKnown(field) ? field.Name.ToUpperInvariant() : $"{Extra}.{field.Name}", source.Line))
            {
                throw yaml.Flaw(source.Line, $"{field.Name} is given twice.");
            }

            fields.Add(field);
        }

        return fields;
    }

    private IEnumerable<(YamlField Source, ClusterField Field)> ReadField(YamlField field) => field.Name == Extra
        ? yaml.Mapping(field.Value, Extra).Fields.Select(extra => (extra, ReadExtra(extra)))
        : [(field, ReadKnown(field))];

    private ClusterField ReadKnown(YamlField field)
    {
        if (!IsKnown(new ClusterField(field.Name, "null", false)))
        {
            throw yaml.Flaw(field.Line, $"{field.Name} is not a field of {what} that this version knows. Correct the name; a field of another version goes below '{Extra}', its value as JSON text.");
        }

        var scalar = yaml.Scalar(field);
        var text = new ClusterField(field.Name, DocumentText.Quote(scalar.Text), false);

        // A plain 160 may be meant as a number or as text; the field decides.
        var value = scalar.IsPlain && IsJson(scalar.Text) ? text with { Json = scalar.Text } : text;
        var flaw = Flaw(value);
        return flaw is null ? value : Flaw(text) is null ? text : throw yaml.Flaw(field.Line, flaw);
    }

    private ClusterField ReadExtra(YamlField field)
    {
        if (field.Value is not YamlScalar { Text: var json } || !IsJson(json))
        {
            throw yaml.Flaw(field.Line, $"{Extra}.{field.Name} must be JSON text in quotes, such as '3', '\"text\"' or '{{\"a\":1}}'.");
        }

        var extra = new ClusterField(field.Name, json, true);
        return Flaw(extra) is { } flaw ? throw yaml.Flaw(field.Line, flaw) : extra;
    }

    private bool IsKnown(ClusterField field) => !decode([field], yaml.Name).InOrder.Any();

    private string? Flaw(ClusterField field)
    {
        try
        {
            decode([field], yaml.Name);
            return null;
        }
        catch (RingKeeperException e) when (e.InnerException is JsonException cause)
        {
            return cause.Message;
        }
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
