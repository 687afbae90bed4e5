namespace RingKeeper;

/// <summary>Names how a shard stands in a view, for metrics and for health checks. Pure.</summary>
internal static class ShardState
{
    /// <summary>It serves.</summary>
    public const string Alive = "alive";

    /// <summary>The checkers call it dead.</summary>
    public const string Dead = "dead";

    /// <summary>It serves nothing, since it is taken out of service on purpose.</summary>
    public const string Drained = "drained";

    /// <summary>The checkers have said nothing of it yet.</summary>
    public const string Undecided = "undecided";

    public static IReadOnlyList<string> All { get; } = [Alive, Dead, Drained, Undecided];

    /// <summary>The state of a shard. One that is drained but still counts as alive serves until the checkers have published it.</summary>
    public static string Of(ClusterView view, int shard) => view.StatusOf(shard) switch
    {
        null => Undecided,
        { Alive: true } => Alive,
        _ => view.Ring.Shards[shard].Drained ? Drained : Dead,
    };
}
