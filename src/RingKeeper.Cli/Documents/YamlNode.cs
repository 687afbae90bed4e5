namespace RingKeeper.Cli.Documents;

/// <summary>A value of a YAML file and the line it begins on, counted from 1.</summary>
internal abstract class YamlNode(int line)
{
    public int Line { get; } = line;
}

/// <summary>A text as it was read; plain ones, without quotes, may stand for a number, true, false or nothing.</summary>
internal sealed class YamlScalar(string text, bool isPlain, int line) : YamlNode(line)
{
    public string Text { get; } = text;

    /// <summary>Gets whether there is no value at all.</summary>
    public bool IsNothing => IsPlain && Text is "" or "~" or "null";

    public bool IsPlain { get; } = isPlain;
}

/// <summary>Names and their values; no name stands twice.</summary>
internal sealed class YamlMapping(IReadOnlyList<YamlField> fields, int line) : YamlNode(line)
{
    public IReadOnlyList<YamlField> Fields { get; } = fields;

    public YamlField? Find(string name) => Fields.FirstOrDefault(field => field.Name == name);
}

/// <summary>A list of values.</summary>
internal sealed class YamlSequence(IReadOnlyList<YamlNode> items, int line) : YamlNode(line)
{
    public IReadOnlyList<YamlNode> Items { get; } = items;
}

/// <summary>A name of a mapping with its value and the line of the name.</summary>
internal sealed record YamlField(string Name, YamlNode Value, int Line);
