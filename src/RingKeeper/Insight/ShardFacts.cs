namespace RingKeeper;

/// <summary>What a shard's server says of itself in answer to INFO. What it does not say is null. Pure.</summary>
/// <param name="Addr">The shard's address.</param>
/// <param name="Fields">All fields of INFO by name.</param>
/// <param name="Clock">By how much its clock is ahead of this machine's; null where it does not tell its time, as servers before Redis 7 and others.</param>
/// <param name="RoundTrip">How long the answer took.</param>
internal sealed record ShardFacts(string Addr, IReadOnlyDictionary<string, string> Fields, ClockReading? Clock, TimeSpan RoundTrip)
{
    private const string KeySpace = "# Keyspace";

    public string? Version => Text("redis_version");

    public string? RunId => Text("run_id");

    public string? Role => Text("role");

    public long? UptimeSeconds => Number("uptime_in_seconds");

    public long? UsedMemory => Number("used_memory");

    /// <summary>Gets the limit of memory in bytes; 0 for none.</summary>
    public long? MaxMemory => Number("maxmemory");

    public string? MaxMemoryPolicy => Text("maxmemory_policy");

    public long? EvictedKeys => Number("evicted_keys");

    public long? OperationsPerSecond => Number("instantaneous_ops_per_sec");

    /// <summary>Gets whether it tells of its databases: one without keys is named by no field, but the section is there.</summary>
    public bool TellsKeys => Fields.ContainsKey(KeySpace) || Databases().Any();

    /// <summary>Gets the number of keys in all databases; null where the server does not tell.</summary>
    public long? Keys => Databases(0);

    /// <summary>Gets the number of those that expire.</summary>
    public long? ExpiringKeys => Databases(1);

    /// <summary>Gets whether an append-only file is kept.</summary>
    public bool? AofEnabled => Number("aof_enabled") is { } on ? on == 1 : null;

    /// <summary>Reads the text of INFO. Of the headings only that of the databases is kept, with no value.</summary>
    public static IReadOnlyDictionary<string, string> Parse(string info)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in info.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line.Equals(KeySpace, StringComparison.OrdinalIgnoreCase))
            {
                fields[KeySpace] = "";
            }
            else if (!line.StartsWith('#') && line.IndexOf(':', StringComparison.Ordinal) is var colon and > 0)
            {
                fields[line[..colon]] = line[(colon + 1)..];
            }
        }

        return fields;
    }

    private string? Text(string name) => Fields.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    private long? Number(string name) => long.TryParse(Text(name), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    private IEnumerable<KeyValuePair<string, string>> Databases() =>
        Fields.Where(static field => field.Key.Length > 2 && field.Key.StartsWith("db", StringComparison.Ordinal) && field.Key.AsSpan(2).IndexOfAnyExceptInRange('0', '9') < 0);

    // db0:keys=3,expires=1,avg_ttl=0.
    private long? Databases(int place)
    {
        if (!TellsKeys)
        {
            return null;
        }

        // A server may say what it likes; sums of no sense are no reason to fail.
        var sum = Databases().Aggregate(Int128.Zero, (sum, field) => sum + (field.Value.Split(',') is { Length: > 1 } parts && long.TryParse(parts[place].Split('=')[^1], System.Globalization.CultureInfo.InvariantCulture, out var count) ? count : 0));
        return sum >= 0 && sum <= long.MaxValue ? (long)sum : null;
    }
}
