using System.Text.Json;

namespace RingKeeper.Cli.Configuration;

/// <summary>One object of a configuration file. What is asked of it are the fields it may have; <see cref="Close"/> refuses others.</summary>
internal sealed class JsonSection
{
    private readonly string _file;
    private readonly string _path;
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];

    public JsonSection(string file, string path, JsonElement element)
    {
        (_file, _path) = (file, path);
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new CliUsageException($"{file}: {(path.Length == 0 ? "the whole" : path)} must be an object, {{ … }}.");
        }

        foreach (var field in element.EnumerateObject())
        {
            if (!_fields.TryAdd(field.Name, field.Value))
            {
                throw Wrong(field.Name, "it is given twice");
            }
        }
    }

    public JsonSection? Section(string name) => Find(name) is { } value ? new JsonSection(_file, PathOf(name), value) : null;

    public string? Text(string name, Func<string, string?>? flawOf = null)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(name, "write a text, in quotes");
        return flawOf?.Invoke(text) is { } flaw ? throw Wrong(name, flaw) : text;
    }

    /// <summary>Returns a text; null where the field is missing or an object, which is asked for by <see cref="Section"/> then.</summary>
    public string? TextIfText(string name) => Find(name) is { ValueKind: JsonValueKind.Object } ? null : Text(name);

    /// <summary>Returns a text, or the texts of a list joined by commas.</summary>
    public string? TextOrList(string name)
    {
        if (Find(name) is not { ValueKind: JsonValueKind.Array } list)
        {
            return Text(name);
        }

        var parts = list.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.String ? part.GetString() : throw Wrong(name, "write texts into the list"));
        return string.Join(',', parts);
    }

    /// <summary>Returns a text, number, true or false as text.</summary>
    public string? Scalar(string name) => Find(name) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => throw Wrong(name, "write a text, a number, true or false"),
    };

    public TimeSpan? Duration(string name) => Text(name) is not { } text ? null
        : Cli.Duration.TryParse(text, out var duration) ? duration
        : throw Wrong(name, $"'{text}' is not a duration; write a number and a unit, such as 500ms, 1s, 1.5s or 2m");

    public int? Count(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 1 ? count
        : throw Wrong(name, "write a number of at least 1");

    public T? OneOf<T>(string name, IReadOnlyDictionary<string, T> values)
        where T : struct => Text(name) is not { } text ? null
        : values.TryGetValue(text, out var value) ? value
        : throw Wrong(name, $"'{text}' is none of {string.Join(", ", values.Keys)}");

    /// <exception cref="CliUsageException">There is a field that nobody asked for.</exception>
    public void Close()
    {
        if (_fields.Keys.FirstOrDefault(name => !_known.Contains(name)) is { } unknown)
        {
            throw new CliUsageException($"{_file}: there is no field {PathOf(unknown)}. Known {(_path.Length == 0 ? "here" : $"in {_path}")} are: {string.Join(", ", _known)}.");
        }
    }

    public CliUsageException Wrong(string name, string why) => new($"{_file}: {PathOf(name)}: {why.TrimEnd('.')}.");

    private JsonElement? Find(string name)
    {
        if (!_known.Contains(name))
        {
            _known.Add(name);
        }

        return _fields.TryGetValue(name, out var value) ? value : null;
    }

    private string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";
}
