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

            if (shards[i].Drained)
            {
                json.Raw(",").Name("Drained").Bool(true);
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

        if (options.MaxDeadPercent is { } percent)
        {
            json.Raw(",").Name("MaxDeadPercent").Number(percent);
        }

        if (options.FlapPolicy != FlapPolicy.Go)
        {
            json.Raw(",").Name("FlapPolicy").String(options.FlapPolicy.ToString());
        }

        if (options.ClockTolerance is { } tolerance)
        {
            json.Raw(",").Name("ClockToleranceMs").Number((long)tolerance.TotalMilliseconds);
        }

        if (options.WarmReturn is { } warm)
        {
            json.Raw(",").Name("WarmReturnMs").Number((long)warm.TotalMilliseconds);
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

    /// <summary>Writes a status; keys in the order of their bytes, the inner Addr equal to the key.</summary>
    public static byte[] EncodeStatuses(IReadOnlyDictionary<string, ShardStatus> statuses) =>
        EncodeEntries(statuses, static (json, status) => WriteRun(json, status));

    /// <summary>Writes a vote, in the same shape.</summary>
    public static byte[] EncodeVote(IReadOnlyDictionary<string, VoteEntry> vote) =>
        EncodeEntries(
            vote.ToDictionary(static v => v.Key, static v => v.Value.Status, StringComparer.Ordinal),
            (json, status) => WriteVoteFields(json, vote[status.Addr]));

    /// <summary>Reads a status by its keys; null, like Go's <c>null</c>, means that it says nothing.</summary>
    public static ImmutableDictionary<string, ShardStatus>? DecodeStatuses(string path, ReadOnlySpan<byte> data) =>
        DecodeVote(path, data)?.ToImmutableDictionary(static v => v.Key, static v => v.Value.Status, StringComparer.Ordinal);

    /// <summary>Reads a vote by its keys; null, like Go's <c>null</c>, means that it says nothing.</summary>
    public static ImmutableDictionary<string, VoteEntry>? DecodeVote(string path, ReadOnlySpan<byte> data)
    {
        try
        {
            var json = new GoJsonReader(data);
            if (!json.BeginObject())
            {
                json.End();
                return null;
            }

            var entries = ImmutableDictionary.CreateBuilder<string, VoteEntry>(StringComparer.Ordinal);
            while (json.NextField(out var addr))
            {
                entries[addr] = ReadEntry(ref json);
            }

            json.End();
            return entries.ToImmutable();
        }
        catch (JsonException e)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Tells whose vote it is: every entry of ours has a Seen. A vote that says nothing does not tell.</summary>
    public static VoterKind KindOfVoter(IReadOnlyDictionary<string, VoteEntry>? vote) =>
        vote is null or { Count: 0 } ? VoterKind.Unknown : vote.Values.All(static e => e.Seen is not null) ? VoterKind.RingKeeper : VoterKind.Go;

    /// <summary>Tells whose vote it is; one that cannot be read does not tell.</summary>
    public static VoterKind KindOfVoter(ReadOnlySpan<byte> vote)
    {
        try
        {
            return KindOfVoter(DecodeVote("", vote));
        }
        catch (RingKeeperException)
        {
            return VoterKind.Unknown;
        }
    }

    private static byte[] EncodeEntries(IReadOnlyDictionary<string, ShardStatus> statuses, Action<GoJsonWriter, ShardStatus> writeMore)
    {
        var json = new GoJsonWriter().Raw("{");
        var first = true;
        foreach (var (addr, status) in statuses.OrderBy(s => s.Key, Utf8Order.Instance))
        {
            json.Raw(first ? "" : ",").Name(addr)
                .Raw("{").Name("Addr").String(addr)
                .Raw(",").Name("Alive").Bool(status.Alive)
                .Raw(",").Name("Since").Number(status.Since);
            writeMore(json, status.Addr == addr ? status : status with { Addr = addr });
            json.Raw("}");
            first = false;
        }

        return json.Raw("}").ToArray();
    }

    private static void WriteRun(GoJsonWriter json, ShardStatus status)
    {
        WriteText(json, "RunId", status.RunId);
        WriteText(json, "Role", status.Role);
        WriteNumber(json, "Died", status.Died);
        WriteNumber(json, "Under", status.Under);
    }

    private static void WriteVoteFields(GoJsonWriter json, VoteEntry entry)
    {
        WriteNumber(json, "Seen", entry.Seen);
        WriteText(json, "Checker", entry.Checker);
        WriteRun(json, entry.Status);
        WriteNumber(json, "RttUs", entry.RttMicroseconds);
        WriteNumber(json, "RttDeviationUs", entry.RttDeviationMicroseconds);
        WriteText(json, "Error", entry.Error);
        WriteText(json, "Suppressed", entry.Suppressed);
        WriteNumber(json, "SuppressedUntil", entry.SuppressedUntil);
    }

    private static void WriteText(GoJsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            json.Raw(",").Name(name).String(text);
        }
    }

    private static void WriteNumber(GoJsonWriter json, string name, long? number)
    {
        if (number is { } value)
        {
            json.Raw(",").Name(name).Number(value);
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
                "DRAINED" => shard with { Drained = json.ReadBool(field, shard.Drained) },
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
            "MAXDEADPERCENT" => options with { MaxDeadPercent = json.IsNull ? SkipNull(ref json) : ReadInt32(ref json, field, 0) },
            "FLAPPOLICY" => options with { FlapPolicy = ReadFlapPolicy(ref json, field) },
            "CLOCKTOLERANCEMS" => options with { ClockTolerance = json.IsNull ? SkipNullTime(ref json) : TimeSpan.FromMilliseconds(ReadInt32(ref json, field, 0)) },
            "WARMRETURNMS" => options with { WarmReturn = json.IsNull ? SkipNullTime(ref json) : TimeSpan.FromMilliseconds(ReadInt32(ref json, field, 0)) },
            "HASHTAG" => options with { HashTag = ReadStringOrNull(ref json, field) },
            "KEYHASH" => options with { KeyHash = ReadStringOrNull(ref json, field) },
            _ => options with { Unknown = options.Unknown.With(field, json.SkipRaw(data)) },
        };

    private static FlapPolicy ReadFlapPolicy(ref GoJsonReader json, string field)
    {
        var text = json.ReadString(field, nameof(FlapPolicy.Go));
        return Enum.TryParse<FlapPolicy>(text, ignoreCase: true, out var policy) && Enum.IsDefined(policy) && !int.TryParse(text, out _)
            ? policy
            : throw new JsonException($"{field} must be Go, Decaying or Off, not '{text}'.");
    }

    private static int? SkipNull(ref GoJsonReader json)
    {
        json.Advance();
        return null;
    }

    private static TimeSpan? SkipNullTime(ref GoJsonReader json)
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

    private static VoteEntry ReadEntry(ref GoJsonReader json)
    {
        var status = new ShardStatus("", false, 0);
        var entry = new VoteEntry(status);
        if (!json.BeginObject())
        {
            json.Advance();
            return entry;
        }

        while (json.NextField(out var field))
        {
            switch (field.ToUpperInvariant())
            {
                case "ADDR": status = status with { Addr = json.ReadString(field, status.Addr) }; break;
                case "ALIVE": status = status with { Alive = json.ReadBool(field, status.Alive) }; break;
                case "SINCE": status = status with { Since = json.ReadInt64(field, status.Since) }; break;
                case "RUNID": status = status with { RunId = ReadStringOrNull(ref json, field) }; break;
                case "ROLE": status = status with { Role = ReadStringOrNull(ref json, field) }; break;
                case "DIED": status = status with { Died = ReadInt64OrNull(ref json, field) }; break;
                case "UNDER": status = status with { Under = ReadInt64OrNull(ref json, field) }; break;
                case "SEEN": entry = entry with { Seen = json.ReadInt64(field, 0) }; break;
                case "CHECKER": entry = entry with { Checker = ReadStringOrNull(ref json, field) }; break;
                case "RTTUS": entry = entry with { RttMicroseconds = ReadInt64OrNull(ref json, field) }; break;
                case "RTTDEVIATIONUS": entry = entry with { RttDeviationMicroseconds = ReadInt64OrNull(ref json, field) }; break;
                case "ERROR": entry = entry with { Error = ReadStringOrNull(ref json, field) }; break;
                case "SUPPRESSED": entry = entry with { Suppressed = ReadStringOrNull(ref json, field) }; break;
                case "SUPPRESSEDUNTIL": entry = entry with { SuppressedUntil = ReadInt64OrNull(ref json, field) }; break;
                default: json.Skip(); break;
            }
        }

        json.Advance();
        return entry with { Status = status };
    }

    private static long? ReadInt64OrNull(ref GoJsonReader json, string field)
    {
        var isNull = json.IsNull;
        var number = json.ReadInt64(field, 0);
        return isNull ? null : number;
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
