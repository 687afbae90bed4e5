using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>
/// Nodes of other sessions that carry this checker's id. One that is older than the own node was left by an earlier run, or belongs to a checker that was
/// given the same id by mistake: it is deleted, since of two the newest stays. One that is newer than a node which this run had can only be of such a twin, whose start
/// deleted ours: it is left alone, and this checker stands aside until it is gone. So each start deletes once, and two never delete each other in turn.
/// Used by the checker's loop alone.
/// </summary>
internal sealed class Namesakes(IZNodeStore client, string name, string id, ILogger logger)
{
    private readonly HashSet<long> _ownSessions = [];
    private readonly HashSet<long> _overwritten = [];
    private long _newestOwn;
    private string? _told;

    /// <summary>Notes that a node of this session stands.</summary>
    public void NoteOwn(Stat own)
    {
        _ownSessions.Add(own.EphemeralOwner);
        _newestOwn = own.Czxid;
        _told = null;
    }

    /// <summary>Notes that this checker's vote went into the node of another's session by mistake: its id there proves nothing.</summary>
    public void NoteOverwritten(long session) => _overwritten.Add(session);

    /// <summary>Forgets what was before: the cluster was made anew.</summary>
    public void ForgetCluster() => _newestOwn = 0;

    /// <summary>Finds the node of a twin that took this checker's place, and raises the alarm once.</summary>
    /// <returns>What to tell the operator, or null.</returns>
    public string? FindTwin(IEnumerable<LineEntry> line)
    {
        // Before its node is made: where the reply is lost, the node is its own all the same.
        _ownSessions.Add(client.Session.SessionId);
        if (_newestOwn == 0 || line.FirstOrDefault(n => IsNamesake(n.Vote) && n.Stat.Czxid > _newestOwn && !_ownSessions.Contains(n.Vote.Owner)) is not { } twin)
        {
            return null;
        }

        var trouble = $"another checker with the id '{id}' has taken this one's place ({twin.Vote.Node}, session 0x{twin.Vote.Owner:x}); it votes again once that node is gone. Give each checker an id of its own";
        if (_told != twin.Vote.Node)
        {
            _told = twin.Vote.Node;
            Log.CheckerIdTaken(logger, name, trouble);
        }

        return trouble;
    }

    /// <summary>Deletes what earlier runs of this checker left.</summary>
    /// <param name="line">The nodes as they are.</param>
    /// <param name="own">The node of this session; while it stands, no name in the line means another node.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task DeleteEarlierAsync(IEnumerable<LineEntry> line, LineEntry own, CancellationToken cancellationToken)
    {
        foreach (var (vote, stat) in line.Where(n => n.Vote.Owner != own.Vote.Owner && n.Stat.Czxid < own.Stat.Czxid && (IsNamesake(n.Vote) || _ownSessions.Contains(n.Vote.Owner))))
        {
            try
            {
                // As it was read: names repeat once the cluster was made anew, and this one may be another checker's by now.
                await client.MultiAsync([ZooKeeperOp.Check(ZKPaths.Vote(name, own.Vote.Node)), ZooKeeperOp.Delete(ZKPaths.Vote(name, vote.Node), stat.Version)], cancellationToken).ConfigureAwait(false);
                Log.EarlierNodeDeleted(logger, name, vote.Node, $"0x{stat.EphemeralOwner:x}", id);
            }
            catch (ZooKeeperMultiException e) when (e.Code is ZooKeeperErrorCode.NoNode or ZooKeeperErrorCode.BadVersion)
            {
                // Its session has ended meanwhile, or it is in use; or ours was deleted, which the next step sees.
            }
        }
    }

    private bool IsNamesake(Vote vote) => vote.Checker == id && !_overwritten.Contains(vote.Owner);
}
