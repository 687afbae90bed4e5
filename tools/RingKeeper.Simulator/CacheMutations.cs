using System.Buffers.Binary;
using System.Collections.Immutable;
using RingKeeper.Simulator.Caches;

namespace RingKeeper.Simulator;

/// <summary>The ways to spoil the rules of copies that the laws of caches must find out.</summary>
internal static class CacheMutations
{
    public static readonly Mutation OwnSinceOnly = new("OwnSinceOnly", "a copy counts by the stamp of the shard that holds it alone, as in the Go package")
    {
        IsOfCaches = true,
        Route = static (view, decision) => new RouteDecision(decision.Outcome, decision.ShardIndex, view.StatusOf(decision.ShardIndex)!.Since),
    };

    public static readonly Mutation NoTopologyPart = new("NoTopologyPart", "a change of the topology does not age copies")
    {
        IsOfCaches = true,
        View = static view => WithHistory(view, TopologyHistory.None),
    };

    public static readonly Mutation NamesInsteadOfAddresses = new("NamesInsteadOfAddresses", "walks are compared by the names of shards")
    {
        IsOfCaches = true,
        View = static view => WithHistory(view, new TopologyHistory(view.History.Floor, [.. view.History.Earlier.Select(e => new EarlierTopology(e.Ended, e.Options, ByName(e.Shards, view.Ring.Shards)))])),
    };

    public static readonly Mutation TimesThatBegan = new("TimesThatBegan", "the history tells of a topology when it began, not when it ended")
    {
        IsOfCaches = true,
        View = static view => WithHistory(view, new TopologyHistory(view.History.Floor, Began(view.History))),
    };

    public static readonly Mutation SinceMayGoBack = new("SinceMayGoBack", "what flips is stamped by the own clock alone, and clients take what they are told")
    {
        IsOfCaches = true,
        Count = Mutations.StampsGoBack.Count,
        ForgetsStamps = true,
    };

    public static readonly Mutation ByWallClock = new("ByWallClock", "a copy carries the time at which it was written instead of its epoch")
    {
        IsOfCaches = true,
        Copy = static copy =>
        {
            var timed = copy.ToArray();
            BinaryPrimitives.WriteInt64BigEndian(timed.AsSpan(8), BinaryPrimitives.ReadInt64BigEndian(copy.AsSpan(16)));
            return timed;
        },
    };

    public static readonly Mutation StaleWriterPasses = new("StaleWriterPasses", "a writer with an older view is not refused") { IsOfCaches = true, Script = ScriptFlaws.StaleWriterPasses };

    public static readonly Mutation MissingCopyPasses = new("MissingCopyPasses", "a check-and-set passes where the copy is gone") { IsOfCaches = true, Script = ScriptFlaws.MissingCopyPasses };

    public static readonly Mutation RunIgnored = new("RunIgnored", "it is not looked at which run of the server a connection reaches")
    {
        IsOfCaches = true,
        View = static view => new ClusterView(
            view.Ring, view.FailoverEnabled, view.TopologyVersion, view.History, view.StatusVersion, view.Statuses.ToDictionary(static s => s.Key, static s => s.Value with { RunId = null }, StringComparer.Ordinal), view.Rules),
    };

    public static readonly Mutation PrunesTheLargest = new("PrunesTheLargest", "the dead entry with the largest stamp in sight is dropped from the status, and nobody keeps it in mind")
    {
        IsOfCaches = true,
        Count = static paper =>
        {
            var result = Ballot.Count(paper with { Published = ImmutableDictionary<string, ShardStatus>.Empty });
            return !result.IsChange && result.Status.Values.MaxBy(static s => s.Since) is { Alive: false } largest && largest.Since > paper.ClusterStamp
                ? result with { Status = result.Status.Remove(largest.Addr), Pruned = [largest.Addr] }
                : result;
        },
        ForgetsStamps = true,
    };

    public static readonly Mutation GoClockInEpochs = new("GoClockInEpochs", "the stamp of a Go manager is part of the epoch before anybody has put it on record")
    {
        IsOfCaches = true,
        View = static view => view.History.Unrecorded > view.History.Floor ? WithHistory(view, new TopologyHistory(view.History.Unrecorded, [])) : view,
    };

    public static readonly Mutation FillsWithoutIntent = new("FillsWithoutIntent", "a fill leaves no intent, and puts its copy wherever nothing is") { IsOfCaches = true, Script = ScriptFlaws.IntentsAreForgotten };

    public static readonly Mutation WritesWithoutMark = new("WritesWithoutMark", "who writes leaves no mark on the shard that served the key before") { IsOfCaches = true, Script = ScriptFlaws.TombstonesAreForgotten };

    public static readonly ImmutableArray<Mutation> All =
        [OwnSinceOnly, NoTopologyPart, NamesInsteadOfAddresses, TimesThatBegan, SinceMayGoBack, ByWallClock, StaleWriterPasses, MissingCopyPasses, RunIgnored, PrunesTheLargest, GoClockInEpochs, FillsWithoutIntent, WritesWithoutMark];

    private static ClusterView WithHistory(ClusterView view, TopologyHistory history) =>
        new(view.Ring, view.FailoverEnabled, view.TopologyVersion, history, view.StatusVersion, view.Statuses, view.Rules);

    private static IReadOnlyList<Shard> ByName(IReadOnlyList<Shard> earlier, IReadOnlyList<Shard> present) =>
        [.. earlier.Select(s => present.FirstOrDefault(p => p.Name == s.Name) is { } same ? s with { Addr = same.Addr } : s)];

    private static ImmutableArray<EarlierTopology> Began(TopologyHistory history) =>
        [.. history.Earlier.Select((e, i) => new EarlierTopology(i + 1 < history.Earlier.Length ? history.Earlier[i + 1].Ended : history.Floor, e.Options, e.Shards))];
}
