using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper;

/// <content>Operations that came after ZooKeeper 3.4, and what stands in for them on an older server.</content>
public sealed partial class ZooKeeperClient
{
    /// <summary>Creates a znode and describes it (create2, ZooKeeper 3.5.0).</summary>
    /// <remarks>
    /// A server older than that gets a create and, behind it, an exists: one round trip more, and the description is that of the moment of the
    /// exists. If the znode was deleted in between the create stands, and this throws <see cref="ZooKeeperErrorCode.NoNode"/> that says so.
    /// </remarks>
    /// <param name="path">The path; the server appends a number in the sequential modes.</param>
    /// <param name="data">The data; it is copied before the method returns.</param>
    /// <param name="mode">How long it lives and whether it is numbered (default: persistent).</param>
    /// <param name="acl">The ACL (default: <see cref="ZooKeeperClientOptions.DefaultAcl"/>).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The path, with its number in the sequential modes, and the description.</returns>
    /// <exception cref="ZooKeeperException">The znode was not created, or it is unknown whether it was.</exception>
    public async ValueTask<CreatedNode> CreateWithStatAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, IReadOnlyList<Acl>? acl = null, CancellationToken cancellationToken = default)
    {
        var record = new CreateRecord(Target(path, MultiRequest.IsSequential(mode)), data, acl ?? _defaultAcl, (int)mode);
        try
        {
            var type = mode == CreateMode.Container ? OpCode.CreateContainer : OpCode.Create2;
            return await SendAsync(type, path, record, CreatedNodeOf, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperServerTooOldException) when (mode != CreateMode.Container)
        {
            var created = await SendAsync(OpCode.Create, path, record, CreatedOf, cancellationToken).ConfigureAwait(false);
            return new CreatedNode(created, await DescribeCreatedAsync(created, cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>
    /// Creates a znode that the server removes once it has no children and was not changed for a time (createTTL, ZooKeeper 3.5.3;
    /// <c>zookeeper.extendedTypesEnabled=true</c> on the servers). The server looks about once a minute.
    /// </summary>
    /// <param name="path">The path; the server appends a number to a sequential one.</param>
    /// <param name="data">The data.</param>
    /// <param name="timeToLive">How long it lives without a change of its data: from 1 ms to 2^40 - 1 ms (about 34 years), in whole milliseconds.</param>
    /// <param name="sequential">Whether the server appends a ten-digit number (default: no).</param>
    /// <param name="acl">The ACL (default: <see cref="ZooKeeperClientOptions.DefaultAcl"/>).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The path, with its number if it is sequential, and the description.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is out of range.</exception>
    /// <exception cref="ZooKeeperServerTooOldException">The server is older than 3.5.3.</exception>
    /// <exception cref="ZooKeeperException"><see cref="ZooKeeperErrorCode.Unimplemented"/>: such znodes are switched off on the server.</exception>
    public ValueTask<CreatedNode> CreateTtlAsync(
        string path, ReadOnlyMemory<byte> data, TimeSpan timeToLive, bool sequential = false, IReadOnlyList<Acl>? acl = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            OpCode.CreateTtl,
            path,
            new CreateTtlRecord(Target(path, sequential), data, acl ?? _defaultAcl, sequential, CreateTtlRecord.MillisecondsOf(timeToLive)),
            CreatedNodeOf,
            cancellationToken);

    /// <summary>Replaces the access control list of a znode; its children keep theirs. Watches do not tell of it.</summary>
    /// <param name="path">The path.</param>
    /// <param name="acl">The new list; not empty.</param>
    /// <param name="version">The version the list must have, <see cref="Stat.Aversion"/> (default: -1, any).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The description after the change.</returns>
    /// <exception cref="ZooKeeperException">Among others <see cref="ZooKeeperErrorCode.InvalidAcl"/> and <see cref="ZooKeeperErrorCode.BadVersion"/>.</exception>
    public ValueTask<Stat> SetAclAsync(string path, IReadOnlyList<Acl> acl, int version = -1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(acl);
        return SendAsync(OpCode.SetAcl, path, new SetAclRecord(Target(path), acl, version), ChangedOf, cancellationToken);
    }

    /// <summary>Reads several znodes in one request (multiRead, ZooKeeper 3.6.0). Each read succeeds or fails by itself.</summary>
    /// <remarks>
    /// To a server older than that the reads are sent one behind the other without waiting, at the price of one reply each. Neither way is a snapshot:
    /// changes may come between the reads.
    /// </remarks>
    /// <param name="reads">The reads, executed in order.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The result of each read.</returns>
    /// <exception cref="ZooKeeperException">No read was answered.</exception>
    public async ValueTask<IReadOnlyList<ZooKeeperReadResult>> MultiReadAsync(IReadOnlyList<ZooKeeperRead> reads, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reads);
        IReadOnlyList<ZooKeeperRead> copy = [.. reads];
        var record = new MultiReadRecord([.. copy.Select(read => (read.WantsChildren ? OpCode.GetChildren : OpCode.GetData, Target(read.Path)))]);
        try
        {
            IReadOnlyList<ZooKeeperReadResult> ResultsOf(ref JuteReader reply, Chroot chroot) => MultiReadReply.Read(ref reply, copy);
            return await SendAsync(OpCode.MultiRead, path: null, record, ResultsOf, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperServerTooOldException)
        {
            // All are written before the first is awaited.
            var results = copy.Select(read => ReadAsync(read, cancellationToken)).ToList();
            return await Task.WhenAll(results).ConfigureAwait(false);
        }
    }

    /// <summary>Lists the ephemeral znodes of this session (getEphemerals, ZooKeeper 3.6.0).</summary>
    /// <param name="prefix">What their paths begin with; plain text, so that <c>/a</c> fits <c>/ab</c> (default: <c>/</c>, all below the chroot).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The paths, in no order.</returns>
    /// <exception cref="ArgumentException">The prefix does not begin with '/'.</exception>
    /// <exception cref="ZooKeeperServerTooOldException">The server is older than 3.6.0; nothing stands in for it.</exception>
    public ValueTask<IReadOnlyList<string>> GetEphemeralsAsync(string prefix = "/", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return prefix.StartsWith('/')
            ? SendAsync(OpCode.GetEphemerals, prefix, new PathRecord(_chroot.ToServer(prefix)), PathsOf, cancellationToken)
            : throw new ArgumentException($"The prefix '{prefix}' must begin with '/'.", nameof(prefix));
    }

    /// <summary>Counts all znodes below one (getAllChildrenNumber, ZooKeeper 3.6.0).</summary>
    /// <remarks>On a server older than that the tree is walked, one listing a znode: slow on large trees, and changes made meanwhile may be counted or not.</remarks>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The number of descendants; the znode itself does not count.</returns>
    public async ValueTask<int> CountDescendantsAsync(string path, CancellationToken cancellationToken = default)
    {
        var record = new PathRecord(Target(path));
        try
        {
            return await SendAsync(OpCode.GetAllChildrenNumber, path, record, NumberOf, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperServerTooOldException)
        {
            return await CountByWalkAsync(path, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tells who the session is to the connected server (whoAmI, ZooKeeper 3.7.0).</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The identities; the address (<c>ip</c>) is always among them.</returns>
    /// <exception cref="ZooKeeperServerTooOldException">The server is older than 3.7.0.</exception>
    public ValueTask<IReadOnlyList<ZooKeeperIdentity>> WhoAmIAsync(CancellationToken cancellationToken = default) =>
        SendAsync(OpCode.WhoAmI, path: null, default(EmptyRecord), IdentitiesOf, cancellationToken);

    private static CreatedNode CreatedNodeOf(ref JuteReader reply, Chroot chroot) => new(chroot.ToClientCreated(reply.ReadString()), StatRecord.Read(ref reply));

    private static int NumberOf(ref JuteReader reply, Chroot chroot) => reply.ReadInt32();

    // The prefix of a chroot fits its neighbours too.
    private static IReadOnlyList<string> PathsOf(ref JuteReader reply, Chroot chroot)
    {
        var paths = new List<string>();
        foreach (var path in reply.ReadStrings())
        {
            if (chroot.ToClient(path) is { } mine)
            {
                paths.Add(mine);
            }
        }

        return paths;
    }

    private static IReadOnlyList<ZooKeeperIdentity> IdentitiesOf(ref JuteReader reply, Chroot chroot)
    {
        var count = reply.ReadCount(8);
        var identities = new List<ZooKeeperIdentity>(Math.Max(count, 0));
        for (var i = 0; i < count; i++)
        {
            identities.Add(new ZooKeeperIdentity(reply.ReadString() ?? "", reply.ReadString() ?? ""));
        }

        return identities;
    }

    private async Task<ZooKeeperReadResult> ReadAsync(ZooKeeperRead read, CancellationToken cancellationToken)
    {
        try
        {
            return read.WantsChildren
                ? new ZooKeeperReadResult(read, (await GetChildrenAsync(read.Path, cancellationToken).ConfigureAwait(false)).Names)
                : new ZooKeeperReadResult(read, await GetDataAsync(read.Path, cancellationToken).ConfigureAwait(false));
        }
        catch (ZooKeeperException exception) when (exception.Outcome == OperationOutcome.Refused)
        {
            return new ZooKeeperReadResult(read, exception);
        }
    }

    // Whatever befalls the exists, the create was done: no failure here may say that nothing was sent or that it was refused.
    private async ValueTask<Stat> DescribeCreatedAsync(string created, CancellationToken cancellationToken)
    {
        try
        {
            return await ExistsAsync(created, cancellationToken).ConfigureAwait(false) ?? throw new ZooKeeperException(
                ZooKeeperErrorCode.NoNode, created, OperationOutcome.Unknown, $"The znode {created} was created, and deleted by somebody before it could be described.");
        }
        catch (ZooKeeperException exception) when (exception.Outcome != OperationOutcome.Unknown)
        {
            throw new ZooKeeperException(
                exception.Code, created, OperationOutcome.Unknown, $"The znode {created} was created, and could not be described: {exception.Message}", exception);
        }
    }

    private async ValueTask<int> CountByWalkAsync(string path, CancellationToken cancellationToken)
    {
        var count = 0;
        var left = new Stack<string>([path]);
        while (left.TryPop(out var next))
        {
            try
            {
                var (names, _) = await GetChildrenAsync(next, cancellationToken).ConfigureAwait(false);
                count += names.Count;
                foreach (var name in names)
                {
                    left.Push(next == "/" ? $"/{name}" : $"{next}/{name}");
                }
            }
            catch (ZooKeeperException exception) when (exception.Code == ZooKeeperErrorCode.NoNode && next != path)
            {
                // Deleted since it was listed.
                count--;
            }
        }

        return count;
    }
}
