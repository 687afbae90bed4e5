using System.Collections.Immutable;
using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.Simulator;

/// <summary>The cluster's znodes as of the last commit, decoded: what is true at a zxid, whatever anybody has read.</summary>
internal sealed class Ledger(DataTree tree)
{
    private static readonly string VotesPath = ZKPaths.LocalStatus(Simulation.Cluster) + "/";

    private readonly SortedDictionary<int, StandingVote> _votes = [];

    // By session: whose it is never changes, though not every vote tells it, and outlives the cluster in which it was told.
    private readonly Dictionary<long, (string? Checker, bool IsGo)> _owners = [];

    /// <summary>The votes in the order of election.</summary>
    public IEnumerable<StandingVote> Votes => _votes.Values;

    public ImmutableDictionary<string, ShardStatus> Status { get; private set; } = ImmutableDictionary.Create<string, ShardStatus>(StringComparer.Ordinal);

    public ImmutableArray<Shard> Shards { get; private set; } = [];

    public ZKClusterOptions Options { get; private set; } = new();

    public long ClusterStamp { get; private set; }

    public StandingVote? Find(string path) =>
        path.StartsWith(VotesPath, StringComparison.Ordinal) && ZKPaths.TryGetVoteNumber(path[VotesPath.Length..], out var number) ? _votes.GetValueOrDefault(number) : null;

    public static bool IsVote(string path) => path.StartsWith(VotesPath, StringComparison.Ordinal);

    /// <summary>Takes in what a commit changed.</summary>
    public void Take(Commit commit)
    {
        if (commit.EndsSession)
        {
            foreach (var gone in _votes.Where(v => v.Value.Owner == commit.Session).Select(static v => v.Key).ToList())
            {
                _votes.Remove(gone);
            }

            return;
        }

        for (var i = 0; i < commit.Operations.Count; i++)
        {
            Take(commit.Operations[i] is CreateOperation ? commit.Results[i].Path : commit.Operations[i].Path, commit.Operations[i]);
        }
    }

    /// <summary>One vote a checker: of several with one session or one id the newest, as it stands.</summary>
    public List<StandingVote> OnePerChecker()
    {
        var bySession = _votes.Values.GroupBy(static v => v.Owner).Select(static g => g.MaxBy(static v => v.Mzxid)!);
        return [.. bySession.GroupBy(static v => v.Checker ?? $"session {v.Owner}", StringComparer.Ordinal).Select(static g => g.MaxBy(static v => v.Mzxid)!)];
    }

    // With what a manager of the Go package dropped, as long as it is on record.
    private void TakeTopology()
    {
        var (shardNode, optionNode, cluster) = (tree.Find(ZKPaths.Shards(Simulation.Cluster)), tree.Find(ZKPaths.Options(Simulation.Cluster)), tree.Find(ZKPaths.Cluster(Simulation.Cluster)));
        if (shardNode?.Data is not { } shards || optionNode?.Data is not { } options || cluster is null)
        {
            return;
        }

        // It is published with the cluster's own node, which that manager writes last.
        if (new[] { shardNode, optionNode }.Any(part => part.Version > 0 && part.Mzxid > cluster.Mzxid))
        {
            return;
        }

        var path = ZKPaths.History(Simulation.Cluster);
        var history = tree.Find(path)?.Data is { } data ? HistoryNode.Decode(path, data) : HistoryNode.Missing;
        Shards = ZNodeCodec.DecodeShards(path, RecordedFields.RestoreShards(options, shards, history).Shards);
        Options = ZNodeCodec.DecodeOptions(path, RecordedFields.RestoreOptions(options, history).Options);
    }

    private void Take(string path, TreeOperation operation)
    {
        if (operation is CheckOperation)
        {
            return;
        }

        if (IsVote(path) && ZKPaths.TryGetVoteNumber(path[VotesPath.Length..], out var number))
        {
            if (tree.Find(path) is { } vote)
            {
                var known = _owners.GetValueOrDefault(vote.EphemeralOwner);
                var entries = ZNodeCodec.DecodeVote(path, vote.Data);
                var checker = entries?.Values.Select(static e => e.Checker).FirstOrDefault(static c => c is not null) ?? known.Checker;
                var isGo = entries is { Count: > 0 } ? ZNodeCodec.KindOfVoter(entries) == VoterKind.Go : known.IsGo;
                _owners[vote.EphemeralOwner] = (checker, isGo);
                _votes[number] = new StandingVote(path, vote.EphemeralOwner, vote.Version, vote.Mtime, vote.Mzxid, entries) { Ctime = vote.Ctime, Czxid = vote.Czxid, Checker = checker, IsGo = isGo };
            }
            else
            {
                _votes.Remove(number);
            }

            return;
        }

        var data = tree.Find(path)?.Data;
        if (path == ZKPaths.Status(Simulation.Cluster))
        {
            Status = data is null ? Status.Clear() : ZNodeCodec.DecodeStatuses(path, data) ?? Status.Clear();
        }
        else if (path == ZKPaths.Shards(Simulation.Cluster) || path == ZKPaths.Options(Simulation.Cluster) || path == ZKPaths.History(Simulation.Cluster))
        {
            TakeTopology();
        }
        else if (path == ZKPaths.Cluster(Simulation.Cluster))
        {
            ClusterStamp = data is null ? 0 : ZNodeCodec.DecodeStamp(data);
            TakeTopology();
        }
    }
}

/// <summary>A vote as it stands.</summary>
internal sealed record StandingVote(string Path, long Owner, int Version, long Mtime, long Mzxid, IReadOnlyDictionary<string, VoteEntry>? Entries)
{
    public required long Ctime { get; init; }

    public required long Czxid { get; init; }

    public required string? Checker { get; init; }

    public required bool IsGo { get; init; }

    public bool? Says(string addr) => Entries?.GetValueOrDefault(addr)?.Status.Alive;
}
