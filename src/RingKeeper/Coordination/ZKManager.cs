using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Creates, updates and deletes clusters; each change is one multi, all or nothing, and fails rather than overwrite somebody else's. Safe for concurrent use.</summary>
public sealed class ZKManager : ZKConnector
{
    private const int MaxAttempts = 5;

    // A drain rests on every vote too, and while checkers start those change often.
    private const int MaxDrainAttempts = 20;
    private readonly ClusterReader _reader;

    /// <summary>How many earlier topologies an update keeps (default: <see cref="HistoryRules.MaxEarlier"/>).</summary>
    internal int MaxEarlierTopologies { get; init; } = HistoryRules.MaxEarlier;

    private ZKManager(ZooKeeperClient client, bool ownsClient, TimeProvider time)
        : base(client, ownsClient, time)
        => _reader = new ClusterReader(client, time);

    /// <summary>Connects to ZooKeeper.</summary>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The manager; dispose it.</returns>
    /// <exception cref="ZooKeeperException">No server could be reached within <see cref="ZKConnectorOptions.StartTimeout"/>, or the credentials were refused.</exception>
    public static new async Task<ZKManager> ConnectAsync(ZKConnectorOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var client = await ZooKeeperClient.ConnectAsync(options.ToClientOptions(), cancellationToken).ConfigureAwait(false);
        return new ZKManager(client, ownsClient: true, options.TimeProvider);
    }

    /// <summary>Manages clusters over a client that is running already; the client stays the caller's.</summary>
    /// <param name="client">The client.</param>
    /// <returns>The manager.</returns>
    public static new ZKManager Over(ZooKeeperClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new ZKManager(client, ownsClient: false, TimeProvider.System);
    }

    /// <summary>The same, with a shorter memory of earlier topologies.</summary>
    internal static ZKManager Over(ZooKeeperClient client, int maxEarlierTopologies) =>
        new(client, ownsClient: false, TimeProvider.System) { MaxEarlierTopologies = maxEarlierTopologies };

    /// <summary>Creates a cluster.</summary>
    /// <param name="name">Its name: 1 to 128 letters, digits, '.', '_', '-'.</param>
    /// <param name="shards">Its shards; names and addresses are unique.</param>
    /// <param name="options">Its options (default: failover, ring <c>Consistent</c> with 160 points a shard).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The cluster as it was written.</returns>
    /// <exception cref="RingKeeperException">A name, an address or an option is not allowed, or the cluster exists; nothing was written.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached; <see cref="ZooKeeperException.Outcome"/> tells whether it may have been written.</exception>
    public async Task<ZKClusterInfo> CreateClusterAsync(string name, IReadOnlyList<Shard> shards, ZKClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ZKClusterOptions();
        ClusterRules.CheckName(name);
        ClusterRules.CheckShards(shards);
        ClusterRules.CheckOptions(options, shards);
        await EnsureRootAsync(cancellationToken).ConfigureAwait(false);
        var stamp = Stamps.Next(Stamps.Now(Time), 0);
        var creation = CreationOf(name, shards, options, stamp);
        try
        {
            await Client.MultiAsync(creation, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperMultiException e) when (e.Code == ZooKeeperErrorCode.NodeExists)
        {
            throw new RingKeeperException($"There is a cluster '{name}' already; nothing was changed. Update it, or delete it first.", e);
        }

        return await GetClusterAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Replaces a cluster's shards and options; clients and checkers follow without a restart.</summary>
    /// <param name="cluster">The cluster as it was read, with the changes; refused if somebody else changed it since.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The cluster as it was written.</returns>
    /// <exception cref="RingKeeperException">A name, an address or an option is not allowed, a shard is drained while a Go checker votes, or the cluster was changed or deleted meanwhile; nothing was written.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached; <see cref="ZooKeeperException.Outcome"/> tells whether it may have been written.</exception>
    public async Task<ZKClusterInfo> UpdateClusterAsync(ZKClusterInfo cluster, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        CheckReadableName(cluster.Name);
        ClusterRules.CheckShards(cluster.Shards);
        ClusterRules.CheckOptions(cluster.Options, cluster.Shards);
        return await TryUpdateAsync(cluster, static _ => { }, cancellationToken).ConfigureAwait(false)
            ?? throw new RingKeeperException($"Cluster '{cluster.Name}' was changed by somebody else since it was read; nothing was written. Read it again and repeat the change.");
    }

    /// <summary>Takes a shard out of service: the leading checker calls it dead whatever the probes say, so that its keys go to the next shards. Does nothing if it is drained already.</summary>
    /// <param name="name">The cluster's name.</param>
    /// <param name="shardName">The shard's name.</param>
    /// <param name="force">Whether to drain it though no other shard could serve then (default: false).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The cluster as it was written; the checkers act on it a moment later.</returns>
    /// <exception cref="RingKeeperException">There is no such cluster or shard, a Go checker votes, or it is the last shard that is alive; nothing was written.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached; <see cref="ZooKeeperException.Outcome"/> tells whether it may have been written.</exception>
    public Task<ZKClusterInfo> DrainShardAsync(string name, string shardName, bool force = false, CancellationToken cancellationToken = default) =>
        SetDrainedAsync(name, shardName, true, force, cancellationToken);

    /// <summary>Puts a drained shard back into service: it is alive again once a majority of the checkers says so. Does nothing if it is not drained.</summary>
    /// <param name="name">The cluster's name.</param>
    /// <param name="shardName">The shard's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The cluster as it was written; the checkers act on it a moment later.</returns>
    /// <exception cref="RingKeeperException">There is no such cluster or shard; nothing was written.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached; <see cref="ZooKeeperException.Outcome"/> tells whether it may have been written.</exception>
    public Task<ZKClusterInfo> UndrainShardAsync(string name, string shardName, CancellationToken cancellationToken = default) =>
        SetDrainedAsync(name, shardName, false, force: true, cancellationToken);

    /// <summary>
    /// Ages every copy in the caches of a cluster at once: each read misses until the key is written anew. For after ZooKeeper was restored from a backup, whose
    /// stamps are older than those that copies carry, and whenever the caches' contents are not to be trusted. Nothing is deleted on the shards.
    /// </summary>
    /// <param name="name">The cluster's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The cluster as it was written; clients follow a moment later.</returns>
    /// <exception cref="RingKeeperException">There is no such cluster; nothing was written.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached; <see cref="ZooKeeperException.Outcome"/> tells whether it may have been written.</exception>
    public async Task<ZKClusterInfo> ExpireCopiesAsync(string name, CancellationToken cancellationToken = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            var cluster = await GetClusterAsync(name, cancellationToken).ConfigureAwait(false);
            if (await TryUpdateAsync(cluster, static _ => { }, cancellationToken, expire: true).ConfigureAwait(false) is { } written)
            {
                return written;
            }

            if (attempt == MaxAttempts)
            {
                throw new RingKeeperException($"Cluster '{name}' was changed by others {MaxAttempts} times meanwhile; its copies are as they were. Try again.");
            }
        }
    }

    /// <summary>Deletes a cluster with everything below it.</summary>
    /// <param name="name">The cluster's name.</param>
    /// <param name="force">Whether to delete it though checkers are running (default: false).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When it is deleted.</returns>
    /// <exception cref="RingKeeperException">There is no such cluster, or checkers are running; nothing was deleted.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached; <see cref="ZooKeeperException.Outcome"/> tells whether it may have been deleted.</exception>
    public async Task DeleteClusterAsync(string name, bool force = false, CancellationToken cancellationToken = default)
    {
        CheckReadableName(name);
        for (var attempt = 1; ; attempt++)
        {
            var deletion = await DeletionOfAsync(name, cancellationToken).ConfigureAwait(false)
                ?? throw await MissingAsync(name, cancellationToken).ConfigureAwait(false);
            var checkers = deletion.Count(o => ZKPaths.IsVote(name, o.Path));
            if (checkers > 0 && !force)
            {
                throw new RingKeeperException($"Cluster '{name}' has {checkers} running checker(s); nothing was deleted. Stop them first, or delete with force.");
            }

            try
            {
                await Client.MultiAsync(deletion, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ZooKeeperMultiException e) when (attempt < MaxAttempts && e.Code is ZooKeeperErrorCode.NotEmpty or ZooKeeperErrorCode.NoNode or ZooKeeperErrorCode.BadVersion)
            {
                // A checker came or went, or the cluster was changed, while the list was made; make it again.
            }
        }
    }

    /// <summary>What the creation of a cluster writes, in one multi.</summary>
    internal static List<ZooKeeperOp> CreationOf(string name, IReadOnlyList<Shard> shards, ZKClusterOptions options, long stamp) =>
    [
        ZooKeeperOp.SetData(ZKPaths.Root, RootData),
        ZooKeeperOp.Create(ZKPaths.Cluster(name), ZNodeCodec.EncodeStamp(stamp)),
        ZooKeeperOp.Create(ZKPaths.Shards(name), ZNodeCodec.EncodeShards(shards)),
        ZooKeeperOp.Create(ZKPaths.Options(name), ZNodeCodec.EncodeOptions(options)),
        ZooKeeperOp.Create(ZKPaths.History(name), ClusterRules.CheckedHistory(name, stamp, options, shards, UnknownFields.None, new TopologyHistory(stamp, []))),
    ];

    private async Task<ZKClusterInfo> SetDrainedAsync(string name, string shardName, bool drained, bool force, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shardName);
        for (var attempt = 1; ; attempt++)
        {
            var cluster = await GetClusterAsync(name, cancellationToken).ConfigureAwait(false);
            var shard = cluster.Shards.FirstOrDefault(shard => shard.Name == shardName)
                ?? throw new RingKeeperException($"Cluster '{name}' has no shard '{shardName}'; nothing was changed. It has: {string.Join(", ", cluster.Shards.Select(static shard => shard.Name))}.");
            if (shard.Drained == drained)
            {
                return cluster;
            }

            var wanted = cluster with { Shards = [.. cluster.Shards.Select(other => other.Name == shardName ? other with { Drained = drained } : other)] };
            ClusterRules.CheckShards(wanted.Shards);
            ClusterRules.CheckOptions(wanted.Options, wanted.Shards);
            var written = await TryUpdateAsync(
                wanted,
                status =>
                {
                    if (!force)
                    {
                        DrainRules.RefuseLast(name, shard, cluster.Shards, status);
                    }
                },
                cancellationToken).ConfigureAwait(false);
            if (written is not null)
            {
                return written;
            }

            if (attempt == MaxAttempts)
            {
                throw new RingKeeperException($"Cluster '{name}' was changed by others {MaxAttempts} times meanwhile; shard '{shardName}' is as it was. Try again.");
            }
        }
    }

    // Null: the cluster has another revision than the one that was read.
    private async Task<ZKClusterInfo?> TryUpdateAsync(ZKClusterInfo cluster, Action<IReadOnlyDictionary<string, ShardStatus>> refuse, CancellationToken cancellationToken, bool expire = false)
    {
        for (var attempt = 1; ; attempt++)
        {
            var present = await GetClusterAsync(cluster.Name, cancellationToken).ConfigureAwait(false);
            if (present.Revision != cluster.Revision)
            {
                return null;
            }

            var status = await _reader.ReadStatusAsync(cluster.Name, cancellationToken).ConfigureAwait(false);
            refuse(status?.Statuses ?? ImmutableDictionary<string, ShardStatus>.Empty);
            var fence = await FenceOfDrainAsync(present, cluster, cancellationToken).ConfigureAwait(false);
            try
            {
                await Client.MultiAsync([.. UpdateOf(cluster, present, status, Stamps.Now(Time), MaxEarlierTopologies, expire), .. fence], cancellationToken).ConfigureAwait(false);
                return await GetClusterAsync(cluster.Name, cancellationToken).ConfigureAwait(false);
            }
            catch (ZooKeeperMultiException e) when (attempt < (fence.Count == 0 ? MaxAttempts : MaxDrainAttempts) && e.Code is ZooKeeperErrorCode.BadVersion or ZooKeeperErrorCode.NodeExists or ZooKeeperErrorCode.NoNode)
            {
                // A decision came in between: its stamps must be in sight. Or the leader wrote the history anew, or a vote that a drain rests on
                // changed. If it was another update, the next round refuses.
            }
        }
    }

    // What a drain rests on: none of the votes is a Go checker's. Where the cluster changed meanwhile the update fails anyway.
    private async Task<IReadOnlyList<ZooKeeperOp>> FenceOfDrainAsync(ZKClusterInfo present, ZKClusterInfo wanted, CancellationToken cancellationToken)
    {
        var drained = DrainRules.NewlyDrained(present.Shards, wanted.Shards);
        if (drained.Count == 0
            || await new BallotReader(Client, wanted.Name, Time, NullLogger.Instance).ReadAsync(present, cancellationToken).ConfigureAwait(false) is not { LineVersion: { } line } nodes)
        {
            return [];
        }

        DrainRules.RefuseGoVoters(wanted.Name, drained, nodes.Votes);
        return DrainRules.Fence(wanted.Name, line, nodes.Votes);
    }

    /// <summary>What an update writes, in one multi.</summary>
    internal static List<ZooKeeperOp> UpdateOf(ZKClusterInfo cluster, ZKClusterInfo present, StatusNode? status, long nowMicroseconds, int maxEarlier = HistoryRules.MaxEarlier, bool expire = false)
    {
        // Copies judged by clocks run ahead of the stamps by as much as the tolerance that they were written under.
        var gap = Math.Max(present.Options.StampGap, cluster.Options.StampGap);
        var stamp = Stamps.Next(nowMicroseconds, Stamps.LargestInSight(present.Stamp, status?.Statuses), gap);
        var name = cluster.Name;
        var earlier = HistoryRules.After(present, status?.Statuses?.Values ?? [], cluster, stamp, maxEarlier, expire);
        var history = ClusterRules.CheckedHistory(name, stamp, cluster.Options, cluster.Shards, present.History.Unknown, earlier);
        return
        [
            ZooKeeperOp.SetData(ZKPaths.Cluster(name), ZNodeCodec.EncodeStamp(stamp), present.Revision.Version),
            ZooKeeperOp.SetData(ZKPaths.Shards(name), ZNodeCodec.EncodeShards(cluster.Shards), present.PartVersions.Shards),
            ZooKeeperOp.SetData(ZKPaths.Options(name), ZNodeCodec.EncodeOptions(cluster.Options), present.PartVersions.Options),
            present.History.Revision is { } recorded
                ? ZooKeeperOp.SetData(ZKPaths.History(name), history, recorded.Version)
                : ZooKeeperOp.Create(ZKPaths.History(name), history, acl: present.Acl),

            // The stamp must be above every Since. A multi cannot check that a node is absent; creating it empty, which says nothing, can.
            status is null ? ZooKeeperOp.Create(ZKPaths.Status(name), "{}"u8.ToArray(), acl: present.Acl) : ZooKeeperOp.Check(ZKPaths.Status(name), status.Stat.Version),
        ];
    }

    // Null: there is no such cluster. What comes after the list was made makes the multi fail, since no node with children can go.
    private async Task<List<ZooKeeperOp>?> DeletionOfAsync(string name, CancellationToken cancellationToken)
    {
        var path = ZKPaths.Cluster(name);
        if (await Client.ExistsAsync(path, cancellationToken).ConfigureAwait(false) is not { } stat)
        {
            return null;
        }

        var operations = new List<ZooKeeperOp> { ZooKeeperOp.SetData(ZKPaths.Root, RootData) };
        await AddDeletionsBelowAsync(path, operations, cancellationToken).ConfigureAwait(false);
        operations.Add(ZooKeeperOp.Delete(path, stat.Version));
        return operations;
    }

    private async Task AddDeletionsBelowAsync(string path, List<ZooKeeperOp> operations, CancellationToken cancellationToken)
    {
        foreach (var child in await ChildrenOrNoneAsync(path, cancellationToken).ConfigureAwait(false))
        {
            await AddDeletionsBelowAsync($"{path}/{child}", operations, cancellationToken).ConfigureAwait(false);
            operations.Add(ZooKeeperOp.Delete($"{path}/{child}"));
        }
    }

    private async Task EnsureRootAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Client.CreateAsync(ZKPaths.Root, RootData, acl: ClusterAcl.OfRoot(Client.DefaultAcl), cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NodeExists)
        {
            // Made by an earlier manager, ours or Go's.
        }
    }
}
