using System.Text;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>A checker's own node below localstatus: registered for one session, its data the checker's vote. Used by the checker's loop alone.</summary>
internal sealed class VoterNode(IZNodeStore client, string name, TimeProvider time, ILogger logger)
{
    private readonly byte[] _wakeData = Encoding.UTF8.GetBytes(name);

    // Null: what stands in the node is not known, so the vote is written again.
    private byte[]? _written;

    // True: localstatus has still to be set, which wakes a leader that is a Go program.
    private bool _leaderUntold;

    private long _writtenAt;

    /// <summary>The node's name, or null while there is none.</summary>
    public string? Node { get; private set; }

    /// <summary>How long ago a vote was written, or null.</summary>
    public TimeSpan? SinceWritten => Interlocked.Read(ref _writtenAt) is var at and not 0 ? time.GetElapsedTime(at) : null;

    /// <summary>Forgets the node: its session is gone, or somebody deleted it.</summary>
    public void Forget()
    {
        Node = null;
        _written = null;
    }

    /// <summary>Takes the node's data for unknown: the vote is written again, even unchanged.</summary>
    public void Doubt() => _written = null;

    /// <summary>Asks for localstatus to be set though the own vote did not change: another voter went.</summary>
    public void TellLeader() => _leaderUntold = true;

    /// <summary>Makes sure that there is a node of this session, and only one.</summary>
    public async Task EnsureRegisteredAsync(byte[] vote, IReadOnlyList<Acl>? acl, CancellationToken cancellationToken)
    {
        if (Node is not null)
        {
            return;
        }

        await EnsureParentAsync(acl, cancellationToken).ConfigureAwait(false);

        // The reply to an earlier create may have been lost; its node would block the election for as long as this session lives.
        Node = await AdoptAsync(cancellationToken).ConfigureAwait(false);
        if (Node is null)
        {
            var path = await client.CreateAsync(ZKPaths.Vote(name, ZKPaths.VotePrefix), vote, CreateMode.EphemeralSequential, acl, cancellationToken).ConfigureAwait(false);
            Node = path[(path.LastIndexOf('/') + 1)..];
            NoteWritten(vote);
            _leaderUntold |= vote.Length > 2;
        }

        Log.CheckerRegistered(logger, name, Node);
    }

    /// <summary>Writes the vote if it changed, then sets localstatus.</summary>
    /// <returns>False if the node is not this session's: names repeat once localstatus was made anew. Nothing was written then.</returns>
    public async Task<bool> TryPublishAsync(byte[] vote, CancellationToken cancellationToken)
    {
        var path = ZKPaths.Vote(name, Node!);
        if (await client.ExistsAsync(path, cancellationToken).ConfigureAwait(false) is not { } stat || stat.EphemeralOwner != client.Session.SessionId)
        {
            Forget();
            return false;
        }

        if (_written is null || !_written.AsSpan().SequenceEqual(vote))
        {
            try
            {
                await client.SetDataAsync(path, vote, stat.Version, cancellationToken).ConfigureAwait(false);
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.BadVersion)
            {
                // Somebody else writes into this node, or it is another one by now.
                Doubt();
                return false;
            }

            NoteWritten(vote);
            _leaderUntold = true;
        }

        if (_leaderUntold)
        {
            await client.SetDataAsync(ZKPaths.LocalStatus(name), _wakeData, cancellationToken: cancellationToken).ConfigureAwait(false);
            _leaderUntold = false;
        }

        return true;
    }

    /// <summary>Deletes the node, so that the others see at once that this checker went.</summary>
    public async Task WithdrawAsync(CancellationToken cancellationToken)
    {
        if (Node is not { } node)
        {
            return;
        }

        Forget();
        try
        {
            await client.DeleteAsync(ZKPaths.Vote(name, node), cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            // Gone already, with the cluster or by another hand.
        }
    }

    private void NoteWritten(byte[] vote)
    {
        _written = vote;

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

    private async Task<string?> AdoptAsync(CancellationToken cancellationToken)
    {
        var session = client.Session.SessionId;
        var children = await client.GetChildrenAsync(ZKPaths.LocalStatus(name), cancellationToken).ConfigureAwait(false);
        foreach (var foreign in children.Names.Where(n => !ZKPaths.TryGetVoteNumber(n, out _)))
        {
            Log.ForeignNode(logger, name, foreign);
        }

        var nodes = Election.InOrder(children.Names);
        var stats = await Task.WhenAll(nodes.Select(n => client.ExistsAsync(ZKPaths.Vote(name, n), cancellationToken))).ConfigureAwait(false);
        string? own = null;
        for (var i = 0; i < nodes.Count; i++)
        {
            if (stats[i]?.EphemeralOwner != session)
            {
                continue;
            }

            if (own is null)
            {
                own = nodes[i];
            }
            else
            {
                await client.DeleteAsync(ZKPaths.Vote(name, nodes[i]), cancellationToken: cancellationToken).ConfigureAwait(false);
            }
        }

        return own;
    }
}
