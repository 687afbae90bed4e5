namespace RingKeeper.ZooKeeper;

/// <summary>How a client stands at one moment; for health checks and for people.</summary>
/// <param name="Session">The session.</param>
/// <param name="SinceLastContact">How long ago a server was last heard; null before the first session.</param>
/// <param name="TimeToDeadline">How long the servers keep the session at least, by <see cref="SessionSnapshot.Deadline"/>; negative once that has passed, null before the first session.</param>
/// <param name="PendingRequests">Requests that wait, unsent or unanswered.</param>
/// <param name="UnansweredRequests">Those of them that were sent.</param>
/// <param name="WatchedPaths">Paths on which something of this client is watching.</param>
/// <param name="Connections">Connections so far, over all sessions.</param>
/// <param name="Diagnosis">What keeps it from its servers, if anything does.</param>
public sealed record ZooKeeperClientHealth(
    SessionSnapshot Session,
    TimeSpan? SinceLastContact,
    TimeSpan? TimeToDeadline,
    int PendingRequests,
    int UnansweredRequests,
    int WatchedPaths,
    int Connections,
    ConnectionDiagnosis Diagnosis);
