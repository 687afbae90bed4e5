using System.Globalization;

namespace RingKeeper;

/// <summary>How one shard stands for this process. Pure.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="State">Its state by the view, see <see cref="ShardState"/>.</param>
/// <param name="Since">Since when it has been so; null where it has no status.</param>
/// <param name="Reason">Why it serves nothing, as the rest of a sentence about it; null while it serves.</param>
internal sealed record ShardReading(Shard Shard, string State, DateTimeOffset? Since, string? Reason)
{
    // Stamps are of the time they tell but for a few microseconds, unless a clock was far off.
    private const long LatestStamp = 253_402_300_799_999_999;

    public string Name => Shard.Name;

    /// <summary>Whether it cannot serve this process.</summary>
    public bool IsAway => Reason is not null;

    public static ShardReading Of(ClusterReading known, ClusterView view, int index, ClusterHealthOptions options)
    {
        var shard = view.Ring.Shards[index];
        var state = ShardState.Of(view, index);
        var since = view.StatusOf(index) is { Since: > 0 and <= LatestStamp } status ? DateTimeOffset.UnixEpoch.AddMicroseconds(status.Since) : (DateTimeOffset?)null;
        var from = since is null ? "" : $" since {Text(since.Value)}";
        return new ShardReading(shard, state, since, state switch
        {
            ShardState.Alive => Unreached(known, shard, options),
            ShardState.Dead => $"is dead{from} by the checkers' agreement",
            ShardState.Drained => $"is drained{from}",
            _ => "is undecided: no majority of the checkers has told its state yet",
        });
    }

    /// <summary>Adds it to the data of a health check.</summary>
    public void AddTo(Dictionary<string, object> data)
    {
        data[$"shard {Name}"] = State;
        data[$"shard {Name} address"] = Shard.Addr;
        if (Since is { } since)
        {
            data[$"shard {Name} since"] = Text(since);
        }

        if (Reason is { } reason)
        {
            data[$"shard {Name} reason"] = reason;
        }
    }

    private static string? Unreached(ClusterReading known, Shard shard, ClusterHealthOptions options) =>
        !known.Connections.TryGetValue(shard.Addr, out var trouble) || trouble.Age <= options.DisconnectedShardAge ? null
        : trouble.Age is { } age ? string.Create(CultureInfo.InvariantCulture, $"is alive by the checkers' agreement, but out of this process's reach for {age.TotalSeconds:0} s: {trouble.Reason}")
        : $"is alive by the checkers' agreement, but out of this process's reach: {trouble.Reason}";

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
