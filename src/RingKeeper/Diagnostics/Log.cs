using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>Every line that RingKeeper logs, with stable ids. No keys, values or secrets.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Debug, "Cluster {Cluster}: view at topology {TopologyVersion}, status {StatusVersion} is in use")]
    public static partial void ViewApplied(ILogger logger, string cluster, long topologyVersion, long statusVersion);

    [LoggerMessage(101, LogLevel.Warning, "Cluster {Cluster}: the last view stays in use: {Reason}")]
    public static partial void ViewKept(ILogger logger, string cluster, string reason);

    [LoggerMessage(200, LogLevel.Information, "Cluster {Cluster}: checker {Id} registered as {Node}")]
    public static partial void CheckerRegistered(ILogger logger, string cluster, string id, string node);

    [LoggerMessage(201, LogLevel.Information, "Cluster {Cluster}: {Node} {Role}")]
    public static partial void CheckerPlace(ILogger logger, string cluster, string node, string role);

    [LoggerMessage(203, LogLevel.Information, "Cluster {Cluster}: decided: {Decision}")]
    public static partial void Decided(ILogger logger, string cluster, string decision);

    [LoggerMessage(204, LogLevel.Debug, "Cluster {Cluster}: the decision was overtaken ({Reason}); counting again")]
    public static partial void Recount(ILogger logger, string cluster, string reason);

    [LoggerMessage(205, LogLevel.Warning, "Cluster {Cluster}: checker waits: {Reason}")]
    public static partial void CheckerWaits(ILogger logger, string cluster, string reason);

    [LoggerMessage(206, LogLevel.Warning, "Cluster {Cluster}: the vote of {Node} cannot be read and does not count: {Reason}")]
    public static partial void VoteUnreadable(ILogger logger, string cluster, string node, string reason);

    // The client logs each change of its session with the reason; this adds what it means to the steps.
    [LoggerMessage(207, LogLevel.Debug, "Cluster {Cluster}: ZooKeeper session {State}")]
    public static partial void CheckerSession(ILogger logger, string cluster, string state);

    [LoggerMessage(208, LogLevel.Information, "Cluster {Cluster}: checking {Count} shard(s){Drained}")]
    public static partial void CheckerTopology(ILogger logger, string cluster, int count, string drained);

    [LoggerMessage(210, LogLevel.Error, "Cluster {Cluster}: shard {Shard} cannot be checked and gets no vote: its address '{Addr}' is not host:port")]
    public static partial void UnreadableAddress(ILogger logger, string cluster, string shard, string addr);

    [LoggerMessage(211, LogLevel.Critical, "Cluster {Cluster}: the checker ended by a fault; it votes no more until it is started again")]
    public static partial void CheckerEnded(ILogger logger, string cluster, Exception fault);

    [LoggerMessage(102, LogLevel.Error, "Cluster {Cluster}: the last view stays in use after an unexpected fault; it is tried again")]
    public static partial void ViewFault(ILogger logger, string cluster, Exception fault);

    [LoggerMessage(103, LogLevel.Error, "Cluster {Cluster}: the ZooKeeper client is {State}; the last view stays in use and follows no change any more")]
    public static partial void ViewFrozen(ILogger logger, string cluster, RingKeeper.ZooKeeper.SessionState state);

    [LoggerMessage(209, LogLevel.Warning, "Cluster {Cluster}: {Node} below localstatus is not a checker's node; Go checkers may be unable to elect a leader. Delete it.")]
    public static partial void ForeignNode(ILogger logger, string cluster, string node);

    [LoggerMessage(110, LogLevel.Warning, "Cluster {Cluster}: the ZooKeeper session is {State}; the last view stays in use and its age is counted")]
    public static partial void ViewUnconfirmed(ILogger logger, string cluster, RingKeeper.ZooKeeper.SessionState state);

    [LoggerMessage(111, LogLevel.Warning, "Cluster {Cluster}: ZooKeeper has not confirmed the view for {Age:0.0} s; StaleViewPolicy is {Policy}")]
    public static partial void ViewStale(ILogger logger, string cluster, double age, StaleViewPolicy policy);

    [LoggerMessage(112, LogLevel.Information, "Cluster {Cluster}: ZooKeeper has confirmed the view, which was {Age:0.0} s old")]
    public static partial void ViewConfirmed(ILogger logger, string cluster, double age);

    [LoggerMessage(113, LogLevel.Warning, "Cluster {Cluster}: started from the snapshot file {File}, last confirmed {Age:0.0} s ago, because ZooKeeper cannot be reached: {Reason}")]
    public static partial void StartedFromSnapshot(ILogger logger, string cluster, string file, double age, string reason);

    [LoggerMessage(114, LogLevel.Warning, "Cluster {Cluster}: the snapshot file {File} was not written: {Reason}")]
    public static partial void SnapshotNotWritten(ILogger logger, string cluster, string file, string reason);

    [LoggerMessage(120, LogLevel.Debug, "Cluster {Cluster}: {Channels} subscribed channel(s) move to other shards; the old ones are listened to for a while")]
    public static partial void ChannelsMove(ILogger logger, string cluster, int channels);

    [LoggerMessage(121, LogLevel.Warning, "Cluster {Cluster}: {Channels} subscribed channel(s) leave a dead shard; what was published between its death and now may be lost")]
    public static partial void ChannelsLeftDeadShard(ILogger logger, string cluster, int channels);

    [LoggerMessage(122, LogLevel.Warning, "Cluster {Cluster}: the connection to shard {Addr} on which channels are listened to was lost; what is published there until it is back may be lost")]
    public static partial void ListeningLost(ILogger logger, string cluster, string addr);

    [LoggerMessage(123, LogLevel.Warning, "Cluster {Cluster}: a subscribed channel was heard on its new shard {Addr} after {Time}, and publishers left the old one before; messages may be lost")]
    public static partial void ChannelHeardLate(ILogger logger, string cluster, string addr, TimeSpan time);

    [LoggerMessage(230, LogLevel.Information, "Health is served at http://{Address}/readyz and /livez")]
    public static partial void HealthServed(ILogger logger, string address);

    [LoggerMessage(231, LogLevel.Information, "Cluster {Cluster}: stopping")]
    public static partial void CheckerStopping(ILogger logger, string cluster);

    [LoggerMessage(232, LogLevel.Critical, "Cluster {Cluster}: the checker ends: {Reason}")]
    public static partial void CheckerFailed(ILogger logger, string cluster, string reason);

    [LoggerMessage(212, LogLevel.Warning, "Cluster {Cluster}: a manager that does not know them dropped {Fields}; the recorded ones stay in use. An update by RingKeeper writes them back.")]
    public static partial void FieldsRestored(ILogger logger, string cluster, string fields);

    [LoggerMessage(213, LogLevel.Information, "Cluster {Cluster}: there is no {Path} yet; fields that a manager drops can be restored once the leading checker has written it")]
    public static partial void HistoryMissing(ILogger logger, string cluster, string path);

    [LoggerMessage(214, LogLevel.Warning, "Cluster {Cluster}: {Path} cannot be read and adds nothing until the leading checker has written it anew: {Reason}")]
    public static partial void HistoryUnreadable(ILogger logger, string cluster, string path, string reason);

    [LoggerMessage(215, LogLevel.Information, "Cluster {Cluster}: recorded its options and shards as of {Stamp}")]
    public static partial void HistoryWritten(ILogger logger, string cluster, long stamp);

    [LoggerMessage(216, LogLevel.Warning, "Cluster {Cluster}: the options and shards take {Length} bytes, too many to be recorded; fields that a manager drops are lost")]
    public static partial void HistoryTooLarge(ILogger logger, string cluster, int length);

    [LoggerMessage(217, LogLevel.Warning, "Cluster {Cluster}: another program lowered the Since of {Addrs} in the status; raised again")]
    public static partial void SinceRaised(ILogger logger, string cluster, string addrs);

    [LoggerMessage(218, LogLevel.Debug, "Cluster {Cluster}: the history was not written, something else changed first ({Reason})")]
    public static partial void HistoryOvertaken(ILogger logger, string cluster, string reason);

    [LoggerMessage(219, LogLevel.Warning, "Cluster {Cluster}: {Nodes} left a decision undone for {Milliseconds} ms; published it and took over")]
    public static partial void LeaderUnseated(ILogger logger, string cluster, string nodes, double milliseconds);

    [LoggerMessage(220, LogLevel.Information, "Cluster {Cluster}: {Addr}, which is no shard any more, was taken out of the status")]
    public static partial void Pruned(ILogger logger, string cluster, string addr);

    [LoggerMessage(221, LogLevel.Warning, "Cluster {Cluster}: this checker's node was taken from it: it left a decision undone, or another runs with its id; it stands in line again in {Seconds:0.0} s")]
    public static partial void NodeTaken(ILogger logger, string cluster, double seconds);

    [LoggerMessage(250, LogLevel.Warning, "Cluster {Cluster}: the brake holds a death: {Addr} {Why}")]
    public static partial void BrakeHolds(ILogger logger, string cluster, string addr, string why);

    [LoggerMessage(251, LogLevel.Information, "Cluster {Cluster}: a death waits: {Addr} {Why}")]
    public static partial void OfficeHolds(ILogger logger, string cluster, string addr, string why);

    [LoggerMessage(254, LogLevel.Warning, "Cluster {Cluster}: {Deaths}, and nothing holds them: every vote agrees, or a majority has stood by them for long")]
    public static partial void ManyDeaths(ILogger logger, string cluster, string deaths);

    [LoggerMessage(253, LogLevel.Information, "Cluster {Cluster}: another program dropped the run_id of {Addrs} from the status; put back")]
    public static partial void RunsRestored(ILogger logger, string cluster, string addrs);

    [LoggerMessage(252, LogLevel.Warning, "Cluster {Cluster}: {Reason}")]
    public static partial void DecisionsUnreadable(ILogger logger, string cluster, string reason);

    [LoggerMessage(240, LogLevel.Warning, "Cluster {Cluster}: says nothing of {Addrs}: {Reason}")]
    public static partial void Abstains(ILogger logger, string cluster, string addrs, string reason);

    [LoggerMessage(241, LogLevel.Information, "Cluster {Cluster}: votes on {Addrs} again")]
    public static partial void AbstentionEnded(ILogger logger, string cluster, string addrs);

    [LoggerMessage(242, LogLevel.Warning, "Cluster {Cluster}: votes all shards dead after it had withheld that for {Seconds:0.0} s: {Reason}")]
    public static partial void DistrustEnded(ILogger logger, string cluster, double seconds, string reason);

    [LoggerMessage(243, LogLevel.Warning, "Cluster {Cluster}: deleted {Node} of session {Session}, which an earlier run of this checker left ('{Id}')")]
    public static partial void EarlierNodeDeleted(ILogger logger, string cluster, string node, string session, string id);

    [LoggerMessage(244, LogLevel.Error, "Cluster {Cluster}: this checker stands aside: {Reason}")]
    public static partial void CheckerIdTaken(ILogger logger, string cluster, string reason);

    [LoggerMessage(245, LogLevel.Warning, "Cluster {Cluster}: the checker was held up for {Seconds:0.0} s; its vote is written anew before anything is counted")]
    public static partial void OwnPause(ILogger logger, string cluster, double seconds);

    [LoggerMessage(248, LogLevel.Warning, "Cluster {Cluster}: ZooKeeper's clock is {Milliseconds:0.0} ms ahead of this checker's (known to {Uncertainty:0.0} ms), more than half of the clock tolerance of {Tolerance:0} ms: set the clocks right. Beyond the tolerance, caches in the format of the Go package may serve stale copies")]
    public static partial void ClockDiffers(ILogger logger, string cluster, double milliseconds, double uncertainty, double tolerance);

    [LoggerMessage(249, LogLevel.Information, "Cluster {Cluster}: ZooKeeper's clock agrees with this checker's again: it is {Milliseconds:0.0} ms ahead")]
    public static partial void ClockAgrees(ILogger logger, string cluster, double milliseconds);

    [LoggerMessage(260, LogLevel.Warning, "Cluster {Cluster}: {Node}, a Go checker, leads and does not know of drains: it may call {Shards} alive again. Stop it, or undrain.")]
    public static partial void DrainUnknownToLeader(ILogger logger, string cluster, string node, string shards);
}
