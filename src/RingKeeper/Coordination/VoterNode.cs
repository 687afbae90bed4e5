using System.Text;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>A checker's own node below localstatus: registered for one session, its data the checker's vote. Used by the checker's loop alone.</summary>
internal sealed class VoterNode(IZNodeStore client, string name, string checkerId, TimeProvider time, TimeSpan refresh, ILogger logger)
{
    private static readonly TimeSpan MtimeResolution = TimeSpan.FromMilliseconds(1);

    private readonly byte[] _wakeData = Encoding.UTF8.GetBytes(name);
    private readonly LineReader _line = new(client, name);
    private readonly Namesakes _namesakes = new(client, name, checkerId, logger);

    // Null: what stands in the node is not known.
    private VoteDraft? _written;

    // True: what stands in the node is written again though it says the same.
    private bool _isDoubted;

    // True: localstatus has still to be set, which wakes a leader that is a Go program.
    private bool _leaderUntold;

    // True: this session may own a node whose name is not known, since the reply to its creation was not waited for or was lost.
    private bool _mayOwnNode;

    private long _writtenAt;
    private (int Version, bool IsStamped) _step;

    /// <summary>The node's name, or null while there is none.</summary>
    public string? Node { get; private set; }

    /// <summary>How long ago a vote was written, or null.</summary>
    public TimeSpan? SinceWritten => Interlocked.Read(ref _writtenAt) is var at and not 0 ? time.GetElapsedTime(at) : null;

    /// <summary>When the vote has to be written anew though nothing changed; null while there is no node.</summary>
    public TimeSpan? RefreshLeft => Node is not null && SinceWritten is { } since ? (since < refresh ? refresh - since : TimeSpan.Zero) : null;

    /// <summary>What the last write of the vote told of ZooKeeper's clock; null before one.</summary>
    public ClockReading? ClockReading { get; private set; }

    /// <summary>Forgets the node: its session is gone, or somebody deleted it.</summary>
    public void Forget()
    {
        Node = null;
        _written = null;
    }

    /// <summary>Forgets the node for good: the cluster is gone, or was made anew.</summary>
    public void ForgetCluster()
    {
        Forget();
        _mayOwnNode = false;
        _namesakes.ForgetCluster();
    }

    /// <summary>Takes what stands in the node for old: the vote is written again, even unchanged.</summary>
    public void Doubt() => _isDoubted = true;

    /// <summary>Asks for localstatus to be set though the own vote did not change: another voter went.</summary>
    public void TellLeader() => _leaderUntold = true;

    /// <summary>Makes sure that there is a node of this session, and only one, and none of an earlier run of this checker.</summary>
    /// <returns>What keeps it from standing in line, or null.</returns>
    public async Task<string?> EnsureRegisteredAsync(VoteDraft draft, IReadOnlyList<Acl>? acl, CancellationToken cancellationToken)
    {
        if (Node is not null)
        {
            return null;
        }

        await EnsureParentAsync(acl, cancellationToken).ConfigureAwait(false);
        var (line, foreign) = await _line.ReadAsync(cancellationToken).ConfigureAwait(false);
        foreach (var node in foreign)
        {
            Log.ForeignNode(logger, name, node);
        }

        if (_namesakes.FindTwin(line) is { } trouble)
        {
            return trouble;
        }

        // The reply to an earlier create may have been lost; its node would block the election for as long as this session lives.
        if (!line.Any(IsOwn))
        {
            _mayOwnNode = true;

            // Who joins raises the version of localstatus in one with it, so that no count which did not see it is published; and a Go leader counts.
            await client.MultiAsync(
                [
                    ZooKeeperOp.Create(ZKPaths.Vote(name, ZKPaths.VotePrefix), ZNodeCodec.EncodeVote(draft.Entries), CreateMode.EphemeralSequential, acl),
                    ZooKeeperOp.SetData(ZKPaths.LocalStatus(name), _wakeData),
                ],
                cancellationToken).ConfigureAwait(false);
            NoteWritten(draft);

            // Read again: of two that start at once under one id, at least the later one sees the other.
            (line, _) = await _line.ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        var own = line.Where(IsOwn).ToList();
        if (own.Count == 0)
        {
            // Deleted at once by another hand; the next step looks again.
            throw new ZooKeeperException(ZooKeeperErrorCode.NoNode, ZKPaths.LocalStatus(name), OperationOutcome.Refused, $"The checker's node below {ZKPaths.LocalStatus(name)} was deleted as soon as it was made.");
        }

        foreach (var second in own.Skip(1))
        {
            await client.DeleteAsync(ZKPaths.Vote(name, second.Vote.Node), cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        await _namesakes.DeleteEarlierAsync(line, own[0], cancellationToken).ConfigureAwait(false);
        _namesakes.NoteOwn(own[0].Stat);
        Node = own[0].Vote.Node;
        Log.CheckerRegistered(logger, name, checkerId, Node);
        return null;
    }

    /// <summary>Writes the vote if it changed or is to be written anew, and sets localstatus after a change.</summary>
    /// <returns>False if the node is not this session's: names repeat once localstatus was made anew. Nothing was written then.</returns>
    public async Task<bool> TryPublishAsync(VoteDraft draft, CancellationToken cancellationToken)
    {
        if (await client.ExistsAsync(ZKPaths.Vote(name, Node!), cancellationToken).ConfigureAwait(false) is not { } stat || stat.EphemeralOwner != client.Session.SessionId)
        {
            Forget();
            return false;
        }

        _step = (stat.Version, false);
        var isDue = _written is null || _isDoubted || !draft.SaysTheSame(_written) || RefreshLeft is null or { Ticks: <= 0 };
        if (isDue && !await TryWriteAsync(draft, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        if (_leaderUntold)
        {
            await client.SetDataAsync(ZKPaths.LocalStatus(name), _wakeData, cancellationToken: cancellationToken).ConfigureAwait(false);
            _leaderUntold = false;
        }

        return true;
    }

    /// <summary>Writes the vote of this step anew, unless the step did: the time of the leader's own last write is what the age of votes is told by.</summary>
    /// <returns>False if somebody else writes into the node, or it is another one by now.</returns>
    public async Task<bool> TryStampAsync(VoteDraft draft, CancellationToken cancellationToken) =>
        _step.IsStamped || await TryWriteAsync(draft, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes the node, so that the others see at once that this checker went.</summary>
    public async Task WithdrawAsync(CancellationToken cancellationToken)
    {
        List<string> nodes = Node is { } node ? [node] : [];
        Forget();
        try
        {
            if (nodes.Count == 0 && _mayOwnNode)
            {
                var (line, _) = await _line.ReadAsync(cancellationToken).ConfigureAwait(false);
                nodes.AddRange(line.Where(IsOwn).Select(static n => n.Vote.Node));
            }

            foreach (var path in nodes.Select(own => ZKPaths.Vote(name, own)))
            {
                // Names repeat once the cluster was made anew: by now it may be another checker's.
                if (await client.ExistsAsync(path, cancellationToken).ConfigureAwait(false) is { } stat && stat.EphemeralOwner == client.Session.SessionId)
                {
                    await client.DeleteAsync(path, stat.Version, cancellationToken).ConfigureAwait(false);
                }
            }

            _mayOwnNode = false;
        }
        catch (ZooKeeperException e) when (e.Code is ZooKeeperErrorCode.NoNode or ZooKeeperErrorCode.BadVersion)
        {
            // Gone already, with the cluster or by another hand; nobody else writes into a node of this session.
        }
    }

    private bool IsOwn(LineEntry node) => node.Vote.Owner == client.Session.SessionId;

    private async Task<bool> TryWriteAsync(VoteDraft draft, CancellationToken cancellationToken)
    {
        var known = _written;

        // Not known from the moment it is sent to the moment the reply is there.
        (_written, _isDoubted) = (null, true);
        try
        {
            // A change and the wake of a Go leader go in one, so that a count sees both or none.
            var wakes = _leaderUntold || known is null || !draft.SaysTheSame(known);
            var (path, data) = (ZKPaths.Vote(name, Node!), ZNodeCodec.EncodeVote(draft.Entries));
            var (sent, start) = (time.GetUtcNow(), time.GetTimestamp());
            var stat = wakes
                ? (await client.MultiAsync([ZooKeeperOp.SetData(path, data, _step.Version), ZooKeeperOp.SetData(ZKPaths.LocalStatus(name), _wakeData)], cancellationToken).ConfigureAwait(false))[0].Stat!.Value
                : await client.SetDataAsync(path, data, _step.Version, cancellationToken).ConfigureAwait(false);
            ClockReading = RingKeeper.ClockReading.OfRoundTrip(sent, time.GetElapsedTime(start), DateTimeOffset.FromUnixTimeMilliseconds(stat.Mtime), MtimeResolution);
            if (stat.EphemeralOwner != client.Session.SessionId)
            {
                // The cluster was made anew while the write was under way, and names and versions repeat. It stands until its owner writes anew, and is no vote that an earlier run of ours left.
                _namesakes.NoteOverwritten(stat.EphemeralOwner);
                Forget();
                return false;
            }

            _step = (stat.Version, true);
            _leaderUntold &= !wakes;
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.BadVersion)
        {
            // Somebody else writes into this node, or it is another one by now.
            return false;
        }

        NoteWritten(draft);
        return true;
    }

    private void NoteWritten(VoteDraft vote)
    {
        (_written, _isDoubted) = (vote, false);
        CheckerCounts.Voted(name);

        // Zero means never.
        Interlocked.Exchange(ref _writtenAt, time.GetTimestamp() is var now and not 0 ? now : 1);
    }

    private async Task EnsureParentAsync(IReadOnlyList<Acl>? acl, CancellationToken cancellationToken)
    {
        try
        {
            await client.CreateAsync(ZKPaths.LocalStatus(name), _wakeData, acl: acl, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NodeExists)
        {
            // Made by the first checker.
        }
    }
}
