using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace RingKeeper.Cli.Documents;

/// <summary>
/// The fields of options and shards, taken from what the codec of the znodes writes and reads: what it learns, documents can hold at once.
/// Pure.
/// </summary>
internal static class ClusterFields
{
    /// <summary>Lists the fields in the order in which they are written.</summary>
    public static IReadOnlyList<ClusterField> Of(ZKClusterOptions options)
    {
        using var json = JsonDocument.Parse(ZNodeCodec.EncodeOptions(options with { Unknown = UnknownFields.None }));
        return List(json.RootElement, options.Unknown);
    }

    /// <summary>Lists the fields in the order in which they are written.</summary>
    public static IReadOnlyList<ClusterField> Of(Shard shard)
    {
        using var json = JsonDocument.Parse(ZNodeCodec.EncodeShards([shard with { Unknown = UnknownFields.None }]));
        return List(json.RootElement[0], shard.Unknown);
    }

    /// <summary>Makes options of fields.</summary>
    /// <exception cref="RingKeeperException">A value is of the wrong type, or the format is of a later version.</exception>
    public static ZKClusterOptions ToOptions(IEnumerable<ClusterField> fields, string place) =>
        ZNodeCodec.DecodeOptions(place, Encoding.UTF8.GetBytes(ToJson(fields)));

    /// <summary>Makes a shard of fields.</summary>
    /// <exception cref="RingKeeperException">A value is of the wrong type.</exception>
    public static Shard ToShard(IEnumerable<ClusterField> fields, string place) =>
        ZNodeCodec.DecodeShards(place, Encoding.UTF8.GetBytes($"[{ToJson(fields)}]"))[0];

    /// <summary>Makes one JSON object of fields, extra ones among them under their own names.</summary>
    public static JsonElement ToJsonObject(IEnumerable<ClusterField> fields)
    {
        using var json = JsonDocument.Parse(ToJson(fields));
        return json.RootElement.Clone();
    }

    /// <summary>Gets the text of a JSON string, or null for another kind of value.</summary>
    public static string? TextOf(string json)
    {
        using var value = JsonDocument.Parse(json);
        return value.RootElement.ValueKind == JsonValueKind.String ? value.RootElement.GetString() : null;
    }

    private static ImmutableArray<ClusterField> List(JsonElement known, UnknownFields unknown) =>
    [
        .. known.EnumerateObject().Select(static field => new ClusterField(
            $"{char.ToLowerInvariant(field.Name[0])}{field.Name[1..]}",
            field.Value.GetRawText(),
            field.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)),
        .. unknown.InOrder.Select(static field => new ClusterField(field.Key, field.Value, true)),
    ];

    private static string ToJson(IEnumerable<ClusterField> fields) =>
        $"{{{string.Join(',', fields.Select(static field => $"{DocumentText.Quote(field.Name)}:{field.Json}"))}}}";
}
