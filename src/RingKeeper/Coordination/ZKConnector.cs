using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Reads clusters from ZooKeeper. Safe for concurrent use.</summary>
public class ZKConnector : IAsyncDisposable
{
    private readonly bool _ownsClient;
    private readonly ClusterReader _reader;

    private protected ZKConnector(ZooKeeperClient client, bool ownsClient, TimeProvider time)
    {
        Client = client;
        _ownsClient = ownsClient;
        Time = time;
        _reader = new ClusterReader(client, time);
    }

    /// <summary>Gets the ZooKeeper client in use.</summary>
    public ZooKeeperClient Client { get; }

    internal TimeProvider Time { get; }

    /// <summary>Connects to ZooKeeper.</summary>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The connector; dispose it.</returns>
    /// <exception cref="ZooKeeperException">No server could be reached within <see cref="ZKConnectorOptions.StartTimeout"/>, or the credentials were refused.</exception>
    public static async Task<ZKConnector> ConnectAsync(ZKConnectorOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var client = await ZooKeeperClient.ConnectAsync(options.ToClientOptions(), cancellationToken).ConfigureAwait(false);
        return new ZKConnector(client, ownsClient: true, options.TimeProvider);
    }

    /// <summary>Reads clusters over a client that is running already; the client stays the caller's.</summary>
    /// <param name="client">The client.</param>
    /// <returns>The connector.</returns>
    public static ZKConnector Over(ZooKeeperClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new ZKConnector(client, ownsClient: false, TimeProvider.System);
    }

    /// <summary>Reads one cluster; all parts are from one moment.</summary>
    /// <param name="name">The cluster's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The cluster.</returns>
    /// <exception cref="RingKeeperException">There is no such cluster, or its znodes cannot be read.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached.</exception>
    public async Task<ZKClusterInfo> GetClusterAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckReadableName(name);
        return await _reader.ReadAsync(name, cancellationToken).ConfigureAwait(false)
            ?? throw await MissingAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads all clusters; those that are half-made are left out, as the Go package does, and those that these credentials may not read.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The clusters, by name.</returns>
    /// <exception cref="RingKeeperException">The znodes of a cluster cannot be read.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached.</exception>
    public async Task<IReadOnlyList<ZKClusterInfo>> GetClustersAsync(CancellationToken cancellationToken = default)
    {
        var clusters = new List<ZKClusterInfo>();
        foreach (var name in await GetNamesAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                var children = await ChildrenOrNoneAsync(ZKPaths.Cluster(name), cancellationToken).ConfigureAwait(false);
                if (children.Contains("shards") && children.Contains("options")
                    && await _reader.ReadAsync(name, cancellationToken).ConfigureAwait(false) is { } cluster)
                {
                    clusters.Add(cluster);
                }
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoAuth)
            {
                // Another identity's: no part of what this one can see.
            }
        }

        return clusters;
    }

    /// <summary>Reads the names of all clusters, half-made ones too.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The names, sorted.</returns>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached.</exception>
    public async Task<IReadOnlyList<string>> GetNamesAsync(CancellationToken cancellationToken = default) =>
        [.. (await ChildrenOrNoneAsync(ZKPaths.Root, cancellationToken).ConfigureAwait(false)).Order(StringComparer.Ordinal)];

    /// <summary>Reads the agreed status of a cluster's shards.</summary>
    /// <param name="name">The cluster's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The status by address; empty before the first decision.</returns>
    /// <exception cref="RingKeeperException">The znode cannot be read.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached.</exception>
    public async Task<IReadOnlyDictionary<string, ShardStatus>> GetStatusAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckReadableName(name);
        var node = await _reader.ReadStatusAsync(name, cancellationToken).ConfigureAwait(false);
        return node?.Statuses ?? new Dictionary<string, ShardStatus>(StringComparer.Ordinal) as IReadOnlyDictionary<string, ShardStatus>;
    }

    /// <summary>Reads the last decisions about a cluster's shards, newest first.</summary>
    /// <exception cref="RingKeeperException">The znode cannot be read.</exception>
    internal async Task<IReadOnlyList<Decision>> GetDecisionsAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckReadableName(name);
        var state = await CreateBallotReader(name).ReadDecisionsAsync(cancellationToken).ConfigureAwait(false);
        return state.Trouble is { } trouble ? throw new RingKeeperException(trouble) : state.Decisions;
    }

    /// <summary>
    /// Counts as the leader would now, but for what only the leader remembers: since when a majority stands, and since when it is in office. Null
    /// where the cluster was changed while it was read: read it again.
    /// </summary>
    internal Task<(BallotNodes Nodes, BallotResult Result)?> CountAsync(ZKClusterInfo cluster, CancellationToken cancellationToken = default) =>
        CountAsync(cluster, CreateBallotReader(cluster.Name), cancellationToken);

    /// <summary>Makes a reader for repeated counts of one cluster: what did not change is not decoded again.</summary>
    internal BallotReader CreateBallotReader(string name) => new(Client, name, Time, NullLogger.Instance);

    /// <summary>The same with a reader that remembers.</summary>
    internal async Task<(BallotNodes Nodes, BallotResult Result)?> CountAsync(ZKClusterInfo cluster, BallotReader reader, CancellationToken cancellationToken)
    {
        if (await reader.ReadAsync(cluster, cancellationToken).ConfigureAwait(false) is not { } nodes)
        {
            return null;
        }

        var paper = new BallotPaper(cluster.Shards, nodes.Statuses, nodes.Votes, cluster.Options.ExpectedCheckers, cluster.Stamp, Stamps.Now(Time))
        {
            ReferenceTime = nodes.Votes.Select(static v => v.Mtime).Append(nodes.Status?.Stat.Mtime ?? 0).Max(),
            MaxDeadPercent = cluster.Options.MaxDeadPercent ?? 50,
            StampGap = cluster.Options.StampGap,
            TopologyTime = HistoryRules.InEffect(cluster, nodes.Statuses.Values).Newest,
            Decisions = nodes.Decisions.Decisions,
        };
        return (nodes, Ballot.Count(paper));
    }

    /// <summary>Reads the names of the nodes of the checkers that are present, the leader first.</summary>
    /// <param name="name">The cluster's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The names of the nodes.</returns>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached.</exception>
    public async Task<IReadOnlyList<string>> GetCheckersAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckReadableName(name);
        return Election.InOrder(await ChildrenOrNoneAsync(ZKPaths.LocalStatus(name), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Finds the znodes of a cluster that anybody who reaches ZooKeeper may change.</summary>
    /// <param name="name">The cluster's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Their paths, the cluster's own first; none where every znode is kept for an identity.</returns>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached.</exception>
    public async Task<IReadOnlyList<string>> GetOpenNodesAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckReadableName(name);
        var cluster = ZKPaths.Cluster(name);
        var children = await ChildrenOrNoneAsync(cluster, cancellationToken).ConfigureAwait(false);
        string[] paths = [cluster, .. children.Order(StringComparer.Ordinal).Select(child => $"{cluster}/{child}")];
        var open = await Task.WhenAll(paths.Select(path => IsOpenAsync(path, cancellationToken))).ConfigureAwait(false);
        return [.. paths.Where((_, i) => open[i])];
    }

    /// <summary>Closes the session, if this connector opened it.</summary>
    /// <returns>When it is closed.</returns>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _ownsClient ? Client.DisposeAsync() : ValueTask.CompletedTask;
    }

    private protected async Task<RingKeeperException> MissingAsync(string name, CancellationToken cancellationToken)
    {
        var names = await GetNamesAsync(cancellationToken).ConfigureAwait(false);
        var known = names.Count == 0 ? "there is no cluster at all" : $"there are: {string.Join(", ", names)}";
        return new RingKeeperException($"There is no cluster '{name}' below {ZKPaths.Root}; {known}. Create it with 'ringkeeper cluster create {name} --shard NAME=ADDR', or check the ZooKeeper address and its chroot.");
    }

    private protected async Task<IReadOnlyList<string>> ChildrenOrNoneAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return (await Client.GetChildrenAsync(path, cancellationToken).ConfigureAwait(false)).Names;
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return [];
        }
    }

    private async Task<bool> IsOpenAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return ClusterAcl.IsOpen((await Client.GetAclAsync(path, cancellationToken).ConfigureAwait(false)).Acl);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return false;
        }
    }

    // Clusters that Go created under other names can be read and deleted; a name must only be one step of a path.
    internal static void CheckReadableName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Contains('/', StringComparison.Ordinal) || ZooKeeper.Wire.PathRules.Flaw($"/{name}") is not null)
        {
            throw new RingKeeperException($"'{name}' cannot be the name of a cluster: it must be one step of a ZooKeeper path.");
        }
    }

    private protected static byte[] RootData { get; } = Encoding.ASCII.GetBytes(ZKPaths.RootData);
}
