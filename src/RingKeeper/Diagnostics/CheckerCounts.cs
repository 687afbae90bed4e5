using System.Diagnostics.Metrics;

namespace RingKeeper;

/// <summary>Counts what checkers of this process vote and decide.</summary>
internal static class CheckerCounts
{
    private static readonly Counter<long> Decisions = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.decisions", "{decision}", "What checkers of this process published about a shard, and deaths that they held when they counted.");

    private static readonly Counter<long> Votes = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.votes", "{vote}", "Votes that checkers of this process wrote, those that only confirm the one before included.");

    private static readonly Counter<long> Abstentions = RingKeeperTelemetry.Meter.CreateCounter<long>(
        "ringkeeper.abstentions", "{abstention}", "Times at which a checker of this process began to say nothing about a shard.");

    public static void Decided(string cluster, DecisionKind kind) => Count(cluster, kind switch
    {
        DecisionKind.Death => "dead",
        DecisionKind.Return => "alive",
        DecisionKind.Restart => "restarted",
        DecisionKind.Drain => "drained",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a decision."),
    });

    /// <summary>A death that a majority voted for is not published yet: the brake holds it, or its leader is too new in office.</summary>
    public static void Held(string cluster, bool isBrake) => Count(cluster, isBrake ? "braked" : "held");

    public static void Voted(string cluster) => RingKeeperTelemetry.Add(Votes, 1, new KeyValuePair<string, object?>(RingKeeperTelemetry.ClusterTag, cluster));

    public static void Abstained(string cluster, int shards) => RingKeeperTelemetry.Add(Abstentions, shards, new KeyValuePair<string, object?>(RingKeeperTelemetry.ClusterTag, cluster));

    private static void Count(string cluster, string result) =>
        RingKeeperTelemetry.Add(Decisions, 1, new(RingKeeperTelemetry.ClusterTag, cluster), new("ringkeeper.decision.result", result));
}
