using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>
/// A Go program that leads counts again only when localstatus is set, and not when a voter goes. While one may lead, each checker of ours
/// therefore watches who comes and goes. Used by the checker's loop alone.
/// </summary>
internal sealed class ForeignLeaderWatch(IZNodeStore client, string name, Action<Task<WatchedEvent>> wakeWhen)
{
    // A node's program never changes; what is not known yet is read again.
    private (string Node, VoterKind Kind) _leader = ("", VoterKind.Unknown);
    private Task<WatchedEvent>? _changed;
    private (List<string> Nodes, int Changes)? _line;

    /// <summary>Whether the leader, when it was looked at last, was a checker of ours.</summary>
    public bool IsOurs => _leader.Kind == VoterKind.RingKeeper;

    /// <summary>Whether the leader is known to be a Go program.</summary>
    public bool IsGo => _leader.Kind == VoterKind.Go;

    /// <summary>Forgets the line: it belonged to a session or a cluster that is gone.</summary>
    public void Forget()
    {
        _leader = ("", VoterKind.Unknown);
        (_changed, _line) = (null, null);
    }

    /// <summary>Looks who leads and who went.</summary>
    /// <param name="leader">The first node in line.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether a voter went and the leader, which may be a Go program, was not woken since.</returns>
    public async Task<bool> MustTellAsync(string leader, CancellationToken cancellationToken)
    {
        await LookAtAsync(leader, cancellationToken).ConfigureAwait(false);
        if (IsOurs)
        {
            _line = null;
            return false;
        }

        if (_line is not null && _changed is { IsCompleted: false })
        {
            return false;
        }

        var (children, changed) = await client.GetChildrenAndWatchAsync(ZKPaths.LocalStatus(name), cancellationToken).ConfigureAwait(false);
        _changed = changed;
        wakeWhen(changed);
        var before = _line;
        var nodes = Election.InOrder(children.Names);
        _line = (nodes, children.Stat.Cversion);

        // More changes than there are new nodes: one went, be it one that had only just come.
        var went = before is { } last && children.Stat.Cversion - last.Changes != nodes.Except(last.Nodes, StringComparer.Ordinal).Count();

        // If the parent was set after the last coming or going, whoever noticed it first has woken the leader already.
        return went && children.Stat.Mzxid < children.Stat.Pzxid;
    }

    private async Task LookAtAsync(string leader, CancellationToken cancellationToken)
    {
        if (_leader.Node != leader || _leader.Kind == VoterKind.Unknown)
        {
            try
            {
                var (vote, _) = await client.GetDataAsync(ZKPaths.Vote(name, leader), cancellationToken).ConfigureAwait(false);
                _leader = (leader, ZNodeCodec.KindOfVoter(vote));
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
            {
                // It went just now; who leads next is looked up in the next step, which the predecessor's watch or the line's brings.
                _leader = ("", VoterKind.Unknown);
            }
        }
    }
}
