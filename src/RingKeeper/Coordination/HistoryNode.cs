using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RingKeeper;

/// <summary>
/// What RingKeeper recorded of a cluster beside the znodes of the Go package: the topologies before the present one, and the full options and shards, so
/// that a manager that does not know a field cannot lose it. Never an error for readers: what cannot be read adds nothing. Pure.
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

    /// <summary>A stamp that no copy may be older than: what happened before it is not known.</summary>
    public long Floor { get; init; }

    /// <summary>The topologies before, newest first.</summary>
    public ImmutableArray<EarlierTopology> Earlier { get; init; } = [];

    /// <summary>The largest stamp that it holds; 0 where it holds none.</summary>
    public long LargestStamp => Earlier.Aggregate(Math.Max(Stamp ?? 0, Floor), static (largest, topology) => Math.Max(largest, topology.Ended));

    public static byte[] Encode(long stamp, ZKClusterOptions options, IReadOnlyList<Shard> shards, UnknownFields unknown, TopologyHistory history)
    {
        var fields = new JsonFields();
        fields.Set("Stamp", stamp.ToString(CultureInfo.InvariantCulture));
        fields.Set("Options", Encoding.UTF8.GetString(ZNodeCodec.EncodeOptions(options)));
        fields.Set("Shards", Encoding.UTF8.GetString(ZNodeCodec.EncodeShards(shards)));
        fields.Set("Floor", history.Floor.ToString(CultureInfo.InvariantCulture));
        fields.Set("EarlierOf", stamp.ToString(CultureInfo.InvariantCulture));
        fields.Set("Earlier", EncodeEarlier(history.Earlier));

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
            var fields = JsonFields.Parse(data, GoJsonReader.StandardDepth + 3);
            foreach (var (name, value) in fields.InOrder)
            {
                unknown = name.ToUpperInvariant() is "STAMP" or "OPTIONS" or "SHARDS" or "FLOOR" or "EARLIEROF" or "EARLIER" ? unknown : unknown.With(name, value);
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

            // A version that knows no earlier topologies keeps them as they are and gives the record another stamp: the change that it made is not among them.
            var earlier = fields.Raw("EarlierOf") == fields.Raw("Stamp") ? DecodeEarlier(path, fields.Raw("Earlier")) : null;
            return new HistoryNode(stamp, JsonFields.Parse(options), JsonFields.ParseArray(shards), unknown, null)
            {
                // Without them, as before earlier topologies were recorded, nothing is known of what was before it.
                Floor = earlier is null ? Math.Max(floor, stamp) : floor,
                Earlier = earlier ?? [],
            };
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

    /// <summary>The largest stamp in sight of the cluster's own and those recorded: a Go manager whose clock is behind, or ours ahead of it, must not lower what was in effect before.</summary>
    public long StampInEffect(long clusterStamp) => Math.Max(clusterStamp, LargestStamp);

    public bool Equals(HistoryNode? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Stamp.GetHashCode();

    private static string EncodeEarlier(ImmutableArray<EarlierTopology> earlier)
    {
        var json = new GoJsonWriter().Raw("[");
        for (var i = 0; i < earlier.Length; i++)
        {
            json.Raw(i == 0 ? "{" : ",{").Name("Ended").Number(earlier[i].Ended)
                .Raw(",").Name("Since").Number(earlier[i].NewestSince)
                .Raw(",").Name("Options").Raw(Encoding.UTF8.GetString(ZNodeCodec.EncodeOptions(earlier[i].Options)))
                .Raw(",").Name("Shards").Raw(Encoding.UTF8.GetString(ZNodeCodec.EncodeShards(earlier[i].Shards)))
                .Raw("}");
        }

        return Encoding.UTF8.GetString(json.Raw("]").ToArray());
    }

    private static ImmutableArray<EarlierTopology>? DecodeEarlier(string path, string? raw)
    {
        if (raw is null)
        {
            return null;
        }

        try
        {
            return ReadEarlier(path, raw);
        }
        catch (Exception e) when (e is JsonException or RingKeeperException)
        {
            // Written by hand or by a later version. What else is recorded must not be lost with them.
            return null;
        }
    }

    private static ImmutableArray<EarlierTopology> ReadEarlier(string path, string raw)
    {
        var earlier = ImmutableArray.CreateBuilder<EarlierTopology>();
        foreach (var fields in JsonFields.ParseArray(Encoding.UTF8.GetBytes(raw)))
        {
            if (!long.TryParse(fields.Raw("Ended"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ended))
            {
                throw new JsonException("Ended of an earlier topology is no integer of 64 bits.");
            }

            var options = Encoding.UTF8.GetBytes(fields.Raw("Options") ?? throw new JsonException("Options of an earlier topology are missing."));
            var shards = Encoding.UTF8.GetBytes(fields.Raw("Shards") ?? throw new JsonException("Shards of an earlier topology are missing."));
            var since = long.TryParse(fields.Raw("Since"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var newest) ? newest : long.MaxValue;
            earlier.Add(new EarlierTopology(ended, ZNodeCodec.DecodeOptions(path, options, anyFormat: true), ZNodeCodec.DecodeShards(path, shards), since));
        }

        return earlier.ToImmutable();
    }
}
