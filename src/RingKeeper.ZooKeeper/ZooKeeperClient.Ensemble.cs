using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper;

/// <content>The ensemble's own configuration. It lies outside any chroot.</content>
public sealed partial class ZooKeeperClient
{
    /// <summary>Reads the configuration of the ensemble from <c>/zookeeper/config</c>, past the chroot (ZooKeeper 3.5.0).</summary>
    /// <remarks>The connected server tells what it knows; <see cref="SyncAsync"/> before it makes that the latest.</remarks>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The configuration; without members where a server stands alone.</returns>
    /// <exception cref="ZooKeeperException">Among others <see cref="ZooKeeperErrorCode.NoNode"/>: the server is older than 3.5.0.</exception>
    public async ValueTask<EnsembleConfig> GetConfigAsync(CancellationToken cancellationToken = default)
    {
        var node = await SendAsync(OpCode.GetData, Chroot.ConfigPath, new PathWatchRecord(Chroot.ConfigPath, Watch: false), DataOf, cancellationToken).ConfigureAwait(false);
        return ConfigOf(node.Data, node.Stat);
    }

    /// <summary>Reads the configuration of the ensemble and watches it for a change.</summary>
    /// <param name="cancellationToken">Ends the waiting; a watch is then not left.</param>
    /// <returns>The configuration and the watch, whose event has the path <c>/zookeeper/config</c>.</returns>
    /// <exception cref="ZooKeeperException">Among others <see cref="ZooKeeperErrorCode.NoNode"/>: the server is older than 3.5.0.</exception>
    public async ValueTask<WatchedResult<EnsembleConfig>> GetConfigAndWatchAsync(CancellationToken cancellationToken = default)
    {
        var body = RequestBody.Encode(new PathWatchRecord(Chroot.ConfigPath, Watch: false));
        var read = new WatchedRead<NodeData>(OpCode.GetData, _chroot.ConfigKey, body, OneShotKind.Data, DataOf);
        var (node, changed) = await SendAsync(read, cancellationToken).ConfigureAwait(false);
        return new WatchedResult<EnsembleConfig>(ConfigOf(node.Data, node.Stat), changed);
    }

    /// <summary>
    /// Changes the members of the ensemble (reconfig, ZooKeeper 3.5.0; <c>reconfigEnabled=true</c> on the servers). The session needs the permission to
    /// write <c>/zookeeper/config</c>, which by default only the super user has. Give joining and leaving servers, or all new members.
    /// </summary>
    /// <param name="joining">Servers to add or change, each as <c>server.4=host:2888:3888:participant;2181</c>, or null.</param>
    /// <param name="leaving">The numbers of servers to remove, or null.</param>
    /// <param name="newMembers">All servers of the new ensemble, each as a joining one, or null.</param>
    /// <param name="fromConfig">The version the present configuration must have (default: -1, any).</param>
    /// <param name="cancellationToken">Ends the waiting; the reconfiguration may still be done.</param>
    /// <returns>The new configuration.</returns>
    /// <exception cref="ArgumentException">Nothing is to change, or changes and new members are both given.</exception>
    /// <exception cref="ZooKeeperException">
    /// Among others <see cref="ZooKeeperErrorCode.ReconfigDisabled"/>, <see cref="ZooKeeperErrorCode.ReconfigInProgress"/>, <see cref="ZooKeeperErrorCode.NewConfigNoQuorum"/>,
    /// <see cref="ZooKeeperErrorCode.BadVersion"/>, <see cref="ZooKeeperErrorCode.NoAuth"/> and <see cref="ZooKeeperErrorCode.BadArguments"/>.
    /// </exception>
    /// <exception cref="ZooKeeperServerTooOldException">The server is older than 3.5.0.</exception>
    public async ValueTask<EnsembleConfig> ReconfigAsync(
        IReadOnlyCollection<string>? joining = null,
        IReadOnlyCollection<int>? leaving = null,
        IReadOnlyCollection<string>? newMembers = null,
        long fromConfig = -1,
        CancellationToken cancellationToken = default)
    {
        var isIncremental = joining is { Count: > 0 } || leaving is { Count: > 0 };
        if (isIncremental == newMembers is { Count: > 0 })
        {
            throw new ArgumentException(
                isIncremental ? "Give joining and leaving servers or all new members, not both." : "Nothing is to change: give joining or leaving servers, or all new members.", nameof(newMembers));
        }

        var record = new ReconfigRecord(Join(joining), Join(leaving?.Select(id => $"{id}").ToList()), Join(newMembers), fromConfig);
        var node = await SendAsync(OpCode.Reconfig, Chroot.ConfigPath, record, DataOf, cancellationToken).ConfigureAwait(false);
        return ConfigOf(node.Data, node.Stat);
    }

    private static string? Join(IReadOnlyCollection<string>? items) => items is { Count: > 0 } ? string.Join(',', items) : null;

    private static EnsembleConfig ConfigOf(byte[] data, Stat stat)
    {
        try
        {
            return EnsembleConfigText.Parse(data, stat);
        }
        catch (FormatException exception)
        {
            throw new ZooKeeperException(ZooKeeperErrorCode.MarshallingError, Chroot.ConfigPath, OperationOutcome.Unknown, exception.Message, exception);
        }
    }
}
