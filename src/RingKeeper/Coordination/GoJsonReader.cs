using System.Text;
using System.Text.Json;

namespace RingKeeper;

/// <summary>
/// Reads JSON as tolerantly as Go's encoding/json: names in any case, unknown, missing and null fields, the last of doubles wins,
/// invalid UTF-8 becomes U+FFFD. What Go refuses (wrong types, trailing text, a BOM) is a <see cref="JsonException"/>.
/// </summary>
internal ref struct GoJsonReader
{
    /// <summary>How deep values may be nested in a znode.</summary>
    public const int StandardDepth = 64;

    private Utf8JsonReader _reader;

    public GoJsonReader(ReadOnlySpan<byte> json, int maxDepth = StandardDepth)
    {
        _reader = new Utf8JsonReader(
            System.Text.Unicode.Utf8.IsValid(json) ? json : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json)), new JsonReaderOptions { MaxDepth = maxDepth });
        Advance();
    }

    public readonly bool IsNull => _reader.TokenType == JsonTokenType.Null;

    /// <summary>Begins an object; false for null, which Go reads as nothing at all.</summary>
    public bool BeginObject() => Begin(JsonTokenType.StartObject, "an object");

    /// <summary>Begins an array; false for null.</summary>
    public bool BeginArray() => Begin(JsonTokenType.StartArray, "an array");

    /// <summary>Steps to the next field of an object, and to its value.</summary>
    public bool NextField(out string name)
    {
        if (_reader.TokenType == JsonTokenType.EndObject)
        {
            name = "";
            return false;
        }

        name = Text();
        Advance();
        return true;
    }

    /// <summary>Tells whether another item of an array follows.</summary>
    public readonly bool HasItem() => _reader.TokenType != JsonTokenType.EndArray;

    /// <summary>Steps behind the value, object end or array end the reader stands on.</summary>
    public void Advance()
    {
        if (!_reader.Read())
        {
            throw new JsonException("The JSON ends early.");
        }
    }

    /// <summary>Demands that nothing follows.</summary>
    public void End()
    {
        if (_reader.Read())
        {
            throw new JsonException("There is text behind the JSON value.");
        }
    }

    public string ReadString(string field, string present)
    {
        var value = Value(JsonTokenType.String, field, "a string") ? Text() : present;
        Advance();
        return value;
    }

    public bool ReadBool(string field, bool present)
    {
        var value = _reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.Null => present,
            _ => throw new JsonException($"{field} must be true or false."),
        };
        Advance();
        return value;
    }

    public long ReadInt64(string field, long present)
    {
        var value = present;
        if (Value(JsonTokenType.Number, field, "an integer") && !_reader.TryGetInt64(out value))
        {
            throw new JsonException($"{field} must be an integer of 64 bits.");
        }

        Advance();
        return value;
    }

    /// <summary>Skips a value of a field nobody asked for, and gives its JSON.</summary>
    public string SkipRaw(ReadOnlySpan<byte> json)
    {
        var start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        var raw = Encoding.UTF8.GetString(json[start..(int)_reader.BytesConsumed]);
        Advance();
        return raw;
    }

    public void Skip()
    {
        _reader.Skip();
        Advance();
    }

    private readonly bool Value(JsonTokenType wanted, string field, string what) =>
        _reader.TokenType == wanted || (IsNull ? false : throw new JsonException($"{field} must be {what}."));

    private bool Begin(JsonTokenType wanted, string what)
    {
        if (IsNull)
        {
            return false;
        }

        if (_reader.TokenType != wanted)
        {
            throw new JsonException($"The JSON must be {what}.");
        }

        Advance();
        return true;
    }

    private readonly string Text()
    {
        if (!_reader.ValueIsEscaped)
        {
            return Encoding.UTF8.GetString(_reader.ValueSpan);
        }

        // Utf8JsonReader refuses an escaped half of a surrogate pair; Go reads it as U+FFFD.
        var raw = Encoding.UTF8.GetString(_reader.ValueSpan);
        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            text.Append(raw[i] switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\b',
                'f' => '\f',
                'u' => (char)Convert.ToUInt16(raw.Substring((i += 4) - 3, 4), 16),
                var other => other,
            });
        }

        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
