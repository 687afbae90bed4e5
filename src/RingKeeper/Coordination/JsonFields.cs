using System.Text;

namespace RingKeeper;

/// <summary>The fields of a JSON object as raw JSON, in their order; names in any case, the last of doubles wins, as in Go.</summary>
internal sealed class JsonFields
{
    private readonly List<KeyValuePair<string, string>> _fields = [];

    public IReadOnlyList<KeyValuePair<string, string>> InOrder => _fields;

    /// <summary>Reads a JSON object; null is one without fields.</summary>
    public static JsonFields Parse(ReadOnlySpan<byte> data, int maxDepth = GoJsonReader.StandardDepth)
    {
        var valid = Valid(data);
        var json = new GoJsonReader(valid, maxDepth);
        var fields = Read(ref json, valid);
        json.End();
        return fields;
    }

    /// <summary>Reads a JSON array of objects; null is an empty one.</summary>
    public static List<JsonFields> ParseArray(ReadOnlySpan<byte> data)
    {
        var valid = Valid(data);
        var json = new GoJsonReader(valid);
        var items = new List<JsonFields>();
        if (json.BeginArray())
        {
            while (json.HasItem())
            {
                items.Add(Read(ref json, valid));
                json.Advance();
            }
        }

        json.End();
        return items;
    }

    public bool Has(string name) => IndexOf(name) >= 0;

    /// <summary>Gives a field as raw JSON, or null where it is missing.</summary>
    public string? Raw(string name) => IndexOf(name) is var index and >= 0 ? _fields[index].Value : null;

    /// <summary>Gives a field's text; empty where it is missing or null.</summary>
    public string Text(string name)
    {
        var json = new GoJsonReader(Encoding.UTF8.GetBytes($"[{Raw(name) ?? "null"}]"));
        json.BeginArray();
        return json.ReadString(name, "");
    }

    public void Set(string name, string raw)
    {
        if (IndexOf(name) is var index and >= 0)
        {
            _fields.RemoveAt(index);
        }

        _fields.Add(new(name, raw));
    }

    public void WriteTo(GoJsonWriter json)
    {
        json.Raw("{");
        for (var i = 0; i < _fields.Count; i++)
        {
            json.Raw(i == 0 ? "" : ",").Name(_fields[i].Key).Raw(_fields[i].Value);
        }

        json.Raw("}");
    }

    private static JsonFields Read(ref GoJsonReader json, ReadOnlySpan<byte> data)
    {
        var fields = new JsonFields();
        if (json.BeginObject())
        {
            while (json.NextField(out var name))
            {
                fields.Set(name, json.SkipRaw(data));
            }
        }

        return fields;
    }

    private static byte[] Valid(ReadOnlySpan<byte> data) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(data));

    private int IndexOf(string name) => _fields.FindIndex(f => string.Equals(f.Key, name, StringComparison.OrdinalIgnoreCase));
}
