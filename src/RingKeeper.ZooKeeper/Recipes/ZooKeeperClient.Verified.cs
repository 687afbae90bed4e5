using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper;

/// <content>Writes whose end is found out when their answer is lost.</content>
public sealed partial class ZooKeeperClient
{
    private static readonly TimeSpan VerifyPause = TimeSpan.FromMilliseconds(100);

    internal ZooKeeperClientOptions Options => _options;

    /// <summary>
    /// Creates a znode under a name that carries a mark, <c>_c_{guid}-{name}</c> as Apache Curator's, so that it is found again when the connection breaks before the
    /// answer comes. The search waits for the connection for as long as it takes.
    /// </summary>
    /// <param name="path">The path as it would be without the mark.</param>
    /// <param name="data">The data; it is copied before the method returns.</param>
    /// <param name="mode">How long it lives and whether it is numbered (default: ephemeral and numbered).</param>
    /// <param name="acl">The ACL (default: <see cref="ZooKeeperClientOptions.DefaultAcl"/>).</param>
    /// <param name="cancellationToken">Ends the waiting; what was created then is deleted in the background.</param>
    /// <returns>The path with the mark and, in the sequential modes, the number. An ephemeral znode belongs to the session that is current.</returns>
    /// <exception cref="ZooKeeperException">
    /// It does not exist: refused, or <see cref="OperationOutcome.NotSent"/>, which may be tried again. <see cref="ZooKeeperErrorCode.SessionExpired"/> tells that its session is gone.
    /// </exception>
    public async ValueTask<string> CreateProtectedAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.EphemeralSequential, IReadOnlyList<Acl>? acl = null, CancellationToken cancellationToken = default)
    {
        Target(path, MultiRequest.IsSequential(mode));
        return (await ProtectedNode.CreateAsync(this, path, data, mode, acl, cancellationToken).ConfigureAwait(false)).Path!;
    }

    /// <summary>
    /// Replaces the data of a znode that was read before, and finds out what became of it when the answer is lost. The search waits for the connection for as long as it takes.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="data">The data. Where another may write the very same bytes to the same version, put something of one's own in, lest its write be taken for this one.</param>
    /// <param name="read">The znode as it was read; it must still have this version.</param>
    /// <param name="cancellationToken">Ends the waiting; the write may then have been applied.</param>
    /// <returns>
    /// <see cref="WriteVerdict.Applied"/>: certain, but for such twins. <see cref="WriteVerdict.NotApplied"/>: certain; the version is the one that was read, or the next one with another's data.
    /// <see cref="WriteVerdict.Overtaken"/>: the znode is further on or another one by now.
    /// </returns>
    /// <exception cref="ZooKeeperException">It was refused, with <see cref="ZooKeeperErrorCode.BadVersion"/> where somebody else was first, or never sent.</exception>
    public async ValueTask<VerifiedWrite> SetDataVerifiedAsync(string path, ReadOnlyMemory<byte> data, Stat read, CancellationToken cancellationToken = default)
    {
        try
        {
            return new VerifiedWrite(WriteVerdict.Applied, await SetDataAsync(path, data, read.Version, cancellationToken).ConfigureAwait(false));
        }
        catch (ZooKeeperException e) when (e.Outcome == OperationOutcome.Unknown)
        {
            var now = await FindOutAsync(path, () => GetDataAsync(path, cancellationToken), cancellationToken).ConfigureAwait(false);
            return new VerifiedWrite(WriteRules.Judge(read, now, data.Span), now?.Stat);
        }
    }

    /// <summary>
    /// Applies all operations at once or none, and finds out which when the answer is lost: a marker, a persistent znode of a unique name, is created with them and deleted
    /// once that is known. The search waits for the connection for as long as it takes.
    /// </summary>
    /// <param name="operations">The operations, executed in order.</param>
    /// <param name="markerParent">The znode below which the marker stands for a moment; it must exist. A process that is killed meanwhile leaves a marker behind, named <c>_m_{guid}</c>.</param>
    /// <param name="cancellationToken">Ends the waiting; the multi may then have been applied, and the marker stay.</param>
    /// <returns>What became of it; certain either way.</returns>
    /// <exception cref="ZooKeeperMultiException">An operation was refused; nothing was applied. The index behind the last operation is the marker's.</exception>
    /// <exception cref="ZooKeeperException">It was never sent.</exception>
    public async ValueTask<VerifiedMulti> MultiVerifiedAsync(IReadOnlyList<ZooKeeperOp> operations, string markerParent, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operations);
        Target(markerParent);
        var marker = SessionRules.Join(markerParent, $"_m_{Guid.NewGuid():D}");
        IReadOnlyList<ZooKeeperOpResult> results = [];
        try
        {
            var all = await MultiAsync([.. operations, ZooKeeperOp.Create(marker, default)], cancellationToken).ConfigureAwait(false);
            results = [.. all.Take(operations.Count)];
        }
        catch (ZooKeeperException e) when (e.Outcome == OperationOutcome.Unknown)
        {
            if (await FindOutAsync(marker, () => GetDataAsync(marker, cancellationToken), cancellationToken).ConfigureAwait(false) is null)
            {
                return new VerifiedMulti(WriteVerdict.NotApplied, []);
            }
        }

        _ = DeleteMarkerAsync(marker);
        return new VerifiedMulti(WriteVerdict.Applied, results);
    }

    /// <summary>When a server was last told, at latest then, that this session lives, over the connection that the snapshot is of.</summary>
    internal long? TouchedBefore(SessionSnapshot session, long at) => _session.TouchedBefore(session, at);

    /// <summary>A source of randomness for one loop.</summary>
    internal Random SplitRandom()
    {
        // Options may be shared by several clients, and a Random is not for concurrent use.
        lock (_options.Random)
        {
            return new Random(_options.Random.Next());
        }
    }

    // Null: there is no such znode. Behind the sync, whatever the lost request did is seen: the servers refuse it once the session has moved on.
    private async Task<T?> FindOutAsync<T>(string path, Func<ValueTask<T>> read, CancellationToken cancellationToken)
        where T : struct
    {
        while (true)
        {
            try
            {
                await this.WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
                await SyncAsync(path, cancellationToken).ConfigureAwait(false);
                return await read().ConfigureAwait(false);
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
            {
                return null;
            }
            catch (ZooKeeperException e) when (SessionRules.IsPassing(e))
            {
                await Task.Delay(VerifyPause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task DeleteMarkerAsync(string marker)
    {
        while (true)
        {
            try
            {
                await DeleteAsync(marker).ConfigureAwait(false);
                return;
            }
            catch (ZooKeeperException e) when (SessionRules.IsPassing(e))
            {
                await Task.Delay(VerifyPause, _options.TimeProvider).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ZooKeeperException or ObjectDisposedException)
            {
                if (e is not ZooKeeperException { Code: ZooKeeperErrorCode.NoNode })
                {
                    RecipeLog.NotDeleted(_options.Logger, marker, e.Message);
                }

                return;
            }
        }
    }
}
