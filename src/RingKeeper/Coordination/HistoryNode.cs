using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RingKeeper;

/// <summary>
/// What RingKeeper recorded of a cluster beside the znodes of the Go package: the full options and shards, so that a manager that does not know
/// a field cannot lose it. Never an error for readers: what cannot be read adds nothing. Pure.
/// </summary>
/// <param name="Stamp">The stamp of the cluster that the record belongs to; null where there is no record, or none that can be read.</param>
/// <param name="Options">The recorded options, or null.</param>
/// <param name="Shards">The recorded shards.</param>
/// <param name="Unknown">Fields of the record that this version does not know, so that writing it anew loses none of them.</param>
/// <param name="Trouble">Why it cannot be read, or null.</param>
internal sealed record HistoryNode(long? Stamp, JsonFields? Options, IReadOnlyList<JsonFields> Shards, UnknownFields Unknown, string? Trouble)
{
    /// <summary>The most it may take, so that one multi holds it beside shards and options.</summary>
    public const int MaxBytes = 640 * 1024;

    /// <summary>Stands for a cluster without a record.</summary>
    public static readonly HistoryNode Missing = new(null, null, [], UnknownFields.None, null);

    /// <summary>Version and mzxid of the znode, or null where there is none.</summary>
    public (int Version, long Mzxid)? Revision { get; init; }

    /// <summary>A stamp that no copy may be older than, whatever the cluster's own says: a Go manager stamps by its clock alone. 0 where there is none.</summary>
    public long Floor { get; init; }

    public static byte[] Encode(long stamp, ZKClusterOptions options, IReadOnlyList<Shard> shards, UnknownFields unknown, long floor = 0)
    {
        var fields = new JsonFields();
        fields.Set("Stamp", stamp.ToString(CultureInfo.InvariantCulture));
        fields.Set("Options", Encoding.UTF8.GetString(ZNodeCodec.EncodeOptions(options)));
        fields.Set("Shards", Encoding.UTF8.GetString(ZNodeCodec.EncodeShards(shards)));
        if (floor > 0)
        {
            fields.Set("Floor", floor.ToString(CultureInfo.InvariantCulture));
        }

        foreach (var (name, value) in unknown.InOrder)
        {
            fields.Set(name, value);
        }

        var json = new GoJsonWriter();
        fields.WriteTo(json);
        return json.ToArray();
    }

    public static HistoryNode Decode(string path, ReadOnlySpan<byte> data)
    {
        var unknown = UnknownFields.None;
        var floor = 0L;
        try
        {
            // What it holds is nested one level deeper than in the znodes; it must be read back whatever they hold.
            var fields = JsonFields.Parse(data, GoJsonReader.StandardDepth + 1);
            foreach (var (name, value) in fields.InOrder)
            {
                unknown = name.ToUpperInvariant() is "STAMP" or "OPTIONS" or "SHARDS" or "FLOOR" ? unknown : unknown.With(name, value);
            }

            if (fields.Raw("Floor") is { } raw && !long.TryParse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out floor))
            {
                throw new JsonException("Floor is no integer of 64 bits.");
            }

            var options = Encoding.UTF8.GetBytes(fields.Raw("Options") ?? throw new JsonException("Options is missing."));
            var shards = Encoding.UTF8.GetBytes(fields.Raw("Shards") ?? throw new JsonException("Shards is missing."));
            if (!long.TryParse(fields.Raw("Stamp"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var stamp))
            {
                throw new JsonException("Stamp is no integer of 64 bits.");
            }

            // Read as what they are, so that nothing taken from here can make the cluster unreadable; the format is judged once all is put together.
            ZNodeCodec.DecodeOptions(path, options, anyFormat: true);
            ZNodeCodec.DecodeShards(path, shards);
            return new HistoryNode(stamp, JsonFields.Parse(options), JsonFields.ParseArray(shards), unknown, null) { Floor = floor };
        }
        catch (JsonException e)
        {
            return Missing with { Unknown = unknown, Floor = floor, Trouble = e.Message };
        }
        catch (RingKeeperException e)
        {
            return Missing with { Unknown = unknown, Floor = floor, Trouble = e.InnerException?.Message ?? e.Message };
        }
    }

    /// <summary>Whether the record has to be written anew: missing, unreadable, or of another state of the cluster.</summary>
    public bool IsOutdated(long clusterStamp) => Stamp != clusterStamp;

    /// <summary>The stamp in effect: a Go manager whose clock is behind, or ours ahead of it, must not lower what was in effect before.</summary>
    public long StampInEffect(long clusterStamp) => Math.Max(clusterStamp, Math.Max(Stamp ?? 0, Floor));

    public bool Equals(HistoryNode? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Stamp.GetHashCode();
}
