namespace RingKeeper.ZooKeeper.Session;

/// <summary>Says what a trouble means and what to do.</summary>
internal static class ConnectionTroubleText
{
    public static string Describe(ConnectionTrouble trouble, string failures, long lastZxid) => trouble switch
    {
        ConnectionTrouble.None => "No attempt has failed since.",
        ConnectionTrouble.SilentlyClosed =>
            $"Every server takes the connection and closes it without an answer ({failures}). Check that they have a quorum, and that maxClientCnxns allows another connection from this address.",
        ConnectionTrouble.ServersBehind =>
            $"Every server in reach closes the connection without an answer ({failures}). Probably they know only zxids before 0x{lastZxid:x}, the last one seen here: has the ensemble lost its data or been "
            + "restored from an older copy? Once this session is given up, the next one accepts the older state. If they merely lack a quorum, start the missing servers.",
        ConnectionTrouble.SessionsRefused =>
            $"Every server answers and gives no session ({failures}). Check the limits and the authentication rules of the servers.",
        _ => $"The attempts failed ({failures}). Check the servers and the connect string.",
    };
}
