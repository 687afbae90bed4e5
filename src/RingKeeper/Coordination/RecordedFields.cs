using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>
/// Puts together the znodes of options and shards and what was recorded of them: a Go manager's update drops the fields it does not know. A field
/// that stands in a znode wins; one that is missing there is taken from the record. Pure.
/// </summary>
internal static class RecordedFields
{
    private static readonly string[] OfGoOptions = ["FailoverEnabled", "RingType", "RingParams"];
    private static readonly string[] OfGoShards = ["Name", "Addr"];

    // These move keys, so they mean something only to the ring they were given for.
    private static readonly string[] MovingKeys = ["HashTag", "KeyHash", "Weight"];

    /// <summary>Gives the options in effect and the names of the fields that the record gave.</summary>
    public static (byte[] Options, ImmutableArray<string> Restored) RestoreOptions(ReadOnlySpan<byte> options, HistoryNode history)
    {
        var fields = JsonFields.Parse(options);
        var restored = ImmutableArray.CreateBuilder<string>();
        if (history.Options is { } recorded)
        {
            Restore(fields, recorded, OfGoOptions, SameRing(fields, recorded), "", restored);
        }

        var json = new GoJsonWriter();
        fields.WriteTo(json);
        return (json.ToArray(), restored.ToImmutable());
    }

    /// <summary>Gives the shards in effect and the names of the fields that the record gave; a shard is known by its name.</summary>
    public static (byte[] Shards, ImmutableArray<string> Restored) RestoreShards(ReadOnlySpan<byte> options, ReadOnlySpan<byte> shards, HistoryNode history)
    {
        var restored = ImmutableArray.CreateBuilder<string>();
        var sameRing = history.Options is { } recordedOptions && SameRing(JsonFields.Parse(options), recordedOptions);
        var recorded = Unambiguous(history.Shards);
        var present = JsonFields.ParseArray(shards);
        var unambiguous = Unambiguous(present);
        var json = new GoJsonWriter().Raw("[");
        var first = true;
        foreach (var shard in present)
        {
            var name = shard.Text("Name");
            if (unambiguous.ContainsKey(name) && recorded.TryGetValue(name, out var known))
            {
                Restore(shard, known, OfGoShards, sameRing, $"shard '{name}': ", restored);
            }

            json.Raw(first ? "" : ",");
            shard.WriteTo(json);
            first = false;
        }

        return (json.Raw("]").ToArray(), restored.ToImmutable());
    }

    // A Go manager may give one name to several shards; what belongs to which cannot be told then.
    private static Dictionary<string, JsonFields> Unambiguous(IEnumerable<JsonFields> shards) =>
        shards.GroupBy(s => s.Text("Name"), StringComparer.Ordinal).Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => g.Single(), StringComparer.Ordinal);

    private static bool SameRing(JsonFields options, JsonFields recorded) =>
        string.Equals(options.Text("RingType"), recorded.Text("RingType"), StringComparison.OrdinalIgnoreCase);

    private static void Restore(JsonFields fields, JsonFields recorded, string[] ofGo, bool sameRing, string of, ImmutableArray<string>.Builder restored)
    {
        foreach (var (name, value) in recorded.InOrder)
        {
            if (fields.Has(name) || IsOneOf(ofGo, name) || (!sameRing && IsOneOf(MovingKeys, name)))
            {
                continue;
            }

            fields.Set(name, value);
            restored.Add(of + name);
        }
    }

    private static bool IsOneOf(string[] names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
