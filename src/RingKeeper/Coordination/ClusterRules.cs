using System.Globalization;

namespace RingKeeper;

/// <summary>What RingKeeper writes is strict: names, addresses and options are checked before anything is written. Pure.</summary>
internal static class ClusterRules
{
    public static readonly TimeSpan MinClockTolerance = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan MaxClockTolerance = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan MinWarmReturn = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MaxWarmReturn = TimeSpan.FromHours(1);

    private const int MaxShardBytes = 256 * 1024;
    private const int MaxOptionBytes = 64 * 1024;
    private const int MaxPoints = 10_000;

    public static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > 128 || name is "." or ".." || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')))
        {
            throw new RingKeeperException($"The cluster name '{name}' is not allowed: use 1 to 128 letters, digits, '.', '_' or '-', and not '.' or '..'.");
        }
    }

    public static void CheckShards(IReadOnlyList<Shard> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        if (shards.Count == 0)
        {
            throw new RingKeeperException("A cluster needs at least one shard.");
        }

        foreach (var shard in shards)
        {
            if (shard is null)
            {
                throw new RingKeeperException("The list of shards holds a null; give each shard a name and an address.");
            }

            if (string.IsNullOrEmpty(shard.Name))
            {
                throw new RingKeeperException($"The shard at '{shard.Addr}' has no name; its name places it on the ring.");
            }

            ShardAddress.Parse(shard.Addr);
        }

        ShardWeights.Check(shards);

        RefuseDoubles(shards.Select(s => s.Name), "name");
        RefuseDoubles(shards.Select(s => s.Addr), "address");
        var size = ZNodeCodec.EncodeShards(shards).Length;
        if (size > MaxShardBytes)
        {
            throw new RingKeeperException($"The list of {shards.Count} shards takes {size} bytes in ZooKeeper; at most {MaxShardBytes} are allowed. Use shorter names or several clusters.");
        }
    }

    public static void CheckOptions(ZKClusterOptions options, IReadOnlyList<Shard> shards)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (least, standard) = string.Equals(options.RingType, RingTypes.Ketama, StringComparison.OrdinalIgnoreCase)
            ? (KetamaRingBuilder.PointsPerHash, $"{KetamaRingBuilder.StandardPoints} points")
            : (1, "as many points as there are shards");
        if (options.RingParams.Length > 0
            && (!int.TryParse(options.RingParams, NumberStyles.None, CultureInfo.InvariantCulture, out var points) || points < least || points > MaxPoints))
        {
            throw new RingKeeperException($"RingParams '{options.RingParams}' is not allowed: give a number from {least} to {MaxPoints}, or nothing for {standard}.");
        }

        if (options.ExpectedCheckers is < 1)
        {
            throw new RingKeeperException($"ExpectedCheckers {options.ExpectedCheckers} is not allowed: give the number of checkers you run, at least 1.");
        }

        if (options.MaxDeadPercent is < 1 or > 100)
        {
            throw new RingKeeperException($"MaxDeadPercent {options.MaxDeadPercent} is not allowed: give the share of shards that may die at once without waiting, from 1 to 100 percent; 100 never waits.");
        }

        if (options.ClockTolerance is { } tolerance && (tolerance < MinClockTolerance || tolerance > MaxClockTolerance))
        {
            throw new RingKeeperException($"ClockTolerance {tolerance} is not allowed: give a time from 1 ms to {MaxClockTolerance}.");
        }

        if (options.WarmReturn is { } warm && (warm < MinWarmReturn || warm > MaxWarmReturn))
        {
            throw new RingKeeperException($"WarmReturn {warm} is not allowed: give a time from 1 s to {MaxWarmReturn}, or none.");
        }

        if (!Enum.IsDefined(options.FlapPolicy))
        {
            throw new RingKeeperException($"FlapPolicy {options.FlapPolicy} is not allowed: give one of {string.Join(", ", Enum.GetNames<FlapPolicy>())}.");
        }

        options.CreateRingBuilder().Build(shards);
        var size = ZNodeCodec.EncodeOptions(options).Length;
        if (size > MaxOptionBytes)
        {
            throw new RingKeeperException($"The options take {size} bytes in ZooKeeper; at most {MaxOptionBytes} are allowed. Fields that this version does not know are kept: remove those that are not needed.");
        }
    }

    /// <summary>Encodes the record of a cluster, which one multi must hold beside its shards and options.</summary>
    public static byte[] CheckedHistory(string name, long stamp, ZKClusterOptions options, IReadOnlyList<Shard> shards, UnknownFields unknown, TopologyHistory earlier)
    {
        var history = HistoryNode.Encode(stamp, options, shards, unknown, earlier);
        return history.Length <= HistoryNode.MaxBytes
            ? history
            : throw new RingKeeperException($"The znode {ZKPaths.History(name)} would take {history.Length} bytes; at most {HistoryNode.MaxBytes} are allowed. Delete it, which loses the fields in it that this version does not know.");
    }

    private static void RefuseDoubles(IEnumerable<string> values, string what)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            if (!seen.Add(value))
            {
                throw new RingKeeperException($"The shard {what} '{value}' is given twice; each shard needs its own.");
            }
        }
    }
}
