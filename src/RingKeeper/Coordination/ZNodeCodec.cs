using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RingKeeper;

/// <summary>Turns the znodes of a cluster into records and back, with the Go package's bytes. Pure.</summary>
internal static class ZNodeCodec
{
    /// <summary>The newest format of the options that this version can read.</summary>
    public const int KnownFormat = 1;

    public static byte[] EncodeStamp(long stamp) => Encoding.ASCII.GetBytes(stamp.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads a stamp as Go does: what is no number is 0, what is too large is the largest number.</summary>
    public static long DecodeStamp(ReadOnlySpan<byte> data)
    {
        var text = Encoding.ASCII.GetString(data);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var stamp))
        {
            return stamp;
        }

        var digits = text.AsSpan(text is ['+' or '-', ..] ? 1 : 0);
        var isNumber = digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9');
        return isNumber ? (text[0] == '-' ? long.MinValue : long.MaxValue) : 0;
    }

    public static byte[] EncodeShards(IReadOnlyList<Shard> shards)
    {
        var json = new GoJsonWriter().Raw("[");
        for (var i = 0; i < shards.Count; i++)
        {
            json.Raw(i == 0 ? "{" : ",{").Name("Name").String(shards[i].Name).Raw(",").Name("Addr").String(shards[i].Addr);
            if (shards[i].Weight != 1)
            {
                json.Raw(",").Name("Weight").Number(shards[i].Weight);
            }

            WriteUnknown(json, shards[i].Unknown);
            json.Raw("}");
        }

        return json.Raw("]").ToArray();
    }

    public static ImmutableArray<Shard> DecodeShards(string path, ReadOnlySpan<byte> data)
    {
        try
        {
            var valid = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(data));
            var json = new GoJsonReader(valid);
            var shards = ImmutableArray.CreateBuilder<Shard>();
            if (json.BeginArray())
            {
                while (json.HasItem())
                {
                    shards.Add(ReadShard(ref json, valid));
                }
            }

            json.End();
            return shards.ToImmutable();
        }
        catch (JsonException e)
        {
            throw Unreadable(path, e);
        }
    }

    public static byte[] EncodeOptions(ZKClusterOptions options)
    {
        var json = new GoJsonWriter().Raw("{")
            .Name("FailoverEnabled").Bool(options.FailoverEnabled)
            .Raw(",").Name("RingType").String(options.RingType)
            .Raw(",").Name("RingParams").String(options.RingParams);
        if (options.Format != 1)
        {
            json.Raw(",").Name("Format").Number(options.Format);
        }

        if (options.ExpectedCheckers is { } expected)
        {
            json.Raw(",").Name("ExpectedCheckers").Number(expected);
        }

        if (!string.IsNullOrEmpty(options.HashTag))
        {
            json.Raw(",").Name("HashTag").String(options.HashTag);
        }

        if (!string.IsNullOrEmpty(options.KeyHash))
        {
            json.Raw(",").Name("KeyHash").String(options.KeyHash);
        }

        WriteUnknown(json, options.Unknown);
        return json.Raw("}").ToArray();
    }

    /// <summary>Reads options; any format is for what was recorded, which is judged once it is put together with the znode.</summary>
    public static ZKClusterOptions DecodeOptions(string path, ReadOnlySpan<byte> data, bool anyFormat = false)
    {
        try
        {
            var valid = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(data));
            if (!anyFormat)
            {
                // First of all: a later format may hold anything.
                RefuseLaterFormat(path, valid);
            }

            var json = new GoJsonReader(valid);
            var options = new ZKClusterOptions { FailoverEnabled = false, RingType = "", RingParams = "" };
            if (json.BeginObject())
            {
                while (json.NextField(out var name))
                {
                    options = ReadOption(ref json, valid, options, name);
                }
            }

            json.End();
            return options;
        }
        catch (JsonException e)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Writes a status, or a vote with the time at which it is written; keys in the order of their bytes, the inner Addr equal to the key.</summary>
    public static byte[] EncodeStatuses(IReadOnlyDictionary<string, ShardStatus> statuses, long? seen = null)
    {
        var json = new GoJsonWriter().Raw("{");
        var first = true;
        foreach (var (addr, status) in statuses.OrderBy(s => s.Key, Utf8Order.Instance))
        {
            json.Raw(first ? "" : ",").Name(addr)
                .Raw("{").Name("Addr").String(addr)
                .Raw(",").Name("Alive").Bool(status.Alive)
                .Raw(",").Name("Since").Number(status.Since);
            if (seen is { } time)
            {
                json.Raw(",").Name("Seen").Number(time);
            }

            json.Raw("}");
            first = false;
        }

        return json.Raw("}").ToArray();
    }

    /// <summary>Reads a status or a vote by its keys; null, like Go's <c>null</c>, means that it says nothing.</summary>
    public static ImmutableDictionary<string, ShardStatus>? DecodeStatuses(string path, ReadOnlySpan<byte> data)
    {
        try
        {
            var json = new GoJsonReader(data);
            if (!json.BeginObject())
            {
                json.End();
                return null;
            }

            var statuses = ImmutableDictionary.CreateBuilder<string, ShardStatus>(StringComparer.Ordinal);
            var seen = 0;
            while (json.NextField(out var addr))
            {
                statuses[addr] = ReadStatus(ref json, ref seen);
            }

            json.End();
            return statuses.ToImmutable();
        }
        catch (JsonException e)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Tells whose vote it is. A vote that says nothing does not tell.</summary>
    public static VoterKind KindOfVoter(ReadOnlySpan<byte> vote)
    {
        try
        {
            var json = new GoJsonReader(vote);
            var (entries, seen) = (0, 0);
            if (json.BeginObject())
            {
                for (; json.NextField(out _); entries++)
                {
                    ReadStatus(ref json, ref seen);
                }
            }

            json.End();
            return entries == 0 ? VoterKind.Unknown : seen == entries ? VoterKind.RingKeeper : VoterKind.Go;
        }
        catch (JsonException)
        {
            return VoterKind.Unknown;
        }
    }

    private static void RefuseLaterFormat(string path, byte[] options)
    {
        var format = JsonFields.Parse(options).Raw("Format");
        if (long.TryParse(format, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number > KnownFormat)
        {
            throw new RingKeeperException($"The znode {path} has format {number}; this version reads up to {KnownFormat}. Use a RingKeeper that knows format {number}; nothing was changed.");
        }
    }

    private static void WriteUnknown(GoJsonWriter json, UnknownFields fields)
    {
        foreach (var (name, value) in fields.InOrder)
        {
            json.Raw(",").Name(name).Raw(value);
        }
    }

    private static Shard ReadShard(ref GoJsonReader json, ReadOnlySpan<byte> data)
    {
        var shard = new Shard("", "");
        if (!json.BeginObject())
        {
            json.Advance();
            return shard;
        }

        while (json.NextField(out var field))
        {
            shard = field.ToUpperInvariant() switch
            {
                "NAME" => shard with { Name = json.ReadString(field, shard.Name) },
                "ADDR" => shard with { Addr = json.ReadString(field, shard.Addr) },
                "WEIGHT" => shard with { Weight = ReadInt32(ref json, field, shard.Weight) },
                _ => shard with { Unknown = shard.Unknown.With(field, json.SkipRaw(data)) },
            };
        }

        json.Advance();
        return shard;
    }

    private static ZKClusterOptions ReadOption(ref GoJsonReader json, ReadOnlySpan<byte> data, ZKClusterOptions options, string field) =>
        field.ToUpperInvariant() switch
        {
            "FAILOVERENABLED" => options with { FailoverEnabled = json.ReadBool(field, options.FailoverEnabled) },
            "RINGTYPE" => options with { RingType = json.ReadString(field, options.RingType) },
            "RINGPARAMS" => options with { RingParams = json.ReadString(field, options.RingParams) },
            "FORMAT" => options with { Format = ReadInt32(ref json, field, options.Format) },
            "EXPECTEDCHECKERS" => options with { ExpectedCheckers = json.IsNull ? SkipNull(ref json) : ReadInt32(ref json, field, 0) },
            "HASHTAG" => options with { HashTag = ReadStringOrNull(ref json, field) },
            "KEYHASH" => options with { KeyHash = ReadStringOrNull(ref json, field) },
            _ => options with { Unknown = options.Unknown.With(field, json.SkipRaw(data)) },
        };

    private static int? SkipNull(ref GoJsonReader json)
    {
        json.Advance();
        return null;
    }

    private static string? ReadStringOrNull(ref GoJsonReader json, string field)
    {
        var isNull = json.IsNull;
        var text = json.ReadString(field, "");
        return isNull ? null : text;
    }

    private static int ReadInt32(ref GoJsonReader json, string field, int present)
    {
        var value = json.ReadInt64(field, present);
        return value is >= 0 and <= int.MaxValue ? (int)value : throw new JsonException($"{field} must be between 0 and {int.MaxValue}, not {value}.");
    }

    // Counts the entries that carry Seen, which Go checkers do not write.
    private static ShardStatus ReadStatus(ref GoJsonReader json, ref int seen)
    {
        var status = new ShardStatus("", false, 0);
        var hasSeen = false;
        if (!json.BeginObject())
        {
            json.Advance();
            return status;
        }

        while (json.NextField(out var field))
        {
            switch (field.ToUpperInvariant())
            {
                case "ADDR": status = status with { Addr = json.ReadString(field, status.Addr) }; break;
                case "ALIVE": status = status with { Alive = json.ReadBool(field, status.Alive) }; break;
                case "SINCE": status = status with { Since = json.ReadInt64(field, status.Since) }; break;
                case "SEEN": hasSeen = true; json.Skip(); break;
                default: json.Skip(); break;
            }
        }

        seen += hasSeen ? 1 : 0;

        json.Advance();
        return status;
    }

    private static RingKeeperException Unreadable(string path, JsonException cause) =>
        new($"The znode {path} cannot be read: {cause.Message} Nothing was changed; mend the znode or write it again.", cause);

    /// <summary>Orders strings by their UTF-8 bytes, as Go orders map keys; UTF-16 orders characters above U+FFFF differently.</summary>
    private sealed class Utf8Order : IComparer<string>
    {
        public static readonly Utf8Order Instance = new();

        public int Compare(string? x, string? y) => Encoding.UTF8.GetBytes(x ?? "").AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y ?? ""));
    }
}
