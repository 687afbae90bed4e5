using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RingKeeper;

/// <summary>Writes dictionaries with keys of text as Go's encoding/json writes maps: sorted by the bytes of their keys.</summary>
[UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Added only where code can be made at run time.")]
internal sealed class GoMaps : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Dictionary<,>) && typeToConvert.GetGenericArguments()[0] == typeof(string);

    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "The converter asks nothing of the type of values.")]
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(GoMap<>).MakeGenericType(typeToConvert.GetGenericArguments()[1]))!;
}

/// <summary>Writes one type of dictionary.</summary>
internal sealed class GoMap<T> : JsonConverter<Dictionary<string, T>>
{
    public override Dictionary<string, T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"A map begins with '{{', not with {reader.TokenType}.");
        }

        var values = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            map[key] = JsonSerializer.Deserialize(ref reader, values)!;
        }

        return map;
    }

    public override void Write(Utf8JsonWriter writer, Dictionary<string, T> value, JsonSerializerOptions options)
    {
        var values = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        writer.WriteStartObject();
        foreach (var (key, _, item) in value
            .Select(static pair => (pair.Key, Bytes: Encoding.UTF8.GetBytes(pair.Key), pair.Value))
            .Order(Comparer<(string Key, byte[] Bytes, T Value)>.Create(static (a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes))))
        {
            writer.WritePropertyName(key);
            JsonSerializer.Serialize(writer, item, values);
        }

        writer.WriteEndObject();
    }
}
