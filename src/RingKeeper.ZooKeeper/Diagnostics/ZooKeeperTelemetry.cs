using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper;

/// <summary>Names what the client measures, for those who collect it. Names follow the semantic conventions of OpenTelemetry for database clients.</summary>
/// <remarks>
/// <para>Meter: <c>db.client.operation.duration</c> (histogram, s; tags db.system.name = zookeeper, db.operation.name, server.address, server.port, error.type),
/// <c>zookeeper.client.session.state_changes</c> (counter; tag zookeeper.session.state), <c>zookeeper.client.watch.gaps</c> (counter; tag zookeeper.gap.reason).</para>
/// <para>Activities: one of kind client an operation, named as the operation. No path and no data is ever among the tags.</para>
/// </remarks>
public static class ZooKeeperTelemetry
{
    /// <summary>The name of the meter and of the source of activities.</summary>
    public const string SourceName = "RingKeeper.ZooKeeper";

    internal static string NameOf(SessionState state) => state switch
    {
        SessionState.Connecting => "connecting",
        SessionState.Connected => "connected",
        SessionState.ReadOnly => "read_only",
        SessionState.Suspended => "suspended",
        SessionState.Lost => "lost",
        SessionState.AuthFailed => "auth_failed",
        SessionState.Closed => "closed",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state."),
    };

    // The names of ZooDefs.OpCode.
    internal static string NameOf(OpCode type) => type switch
    {
        OpCode.Create => "create",
        OpCode.Create2 => "create2",
        OpCode.CreateContainer => "createContainer",
        OpCode.CreateTtl => "createTTL",
        OpCode.Delete => "delete",
        OpCode.Exists => "exists",
        OpCode.GetData => "getData",
        OpCode.SetData => "setData",
        OpCode.GetAcl => "getACL",
        OpCode.SetAcl => "setACL",
        OpCode.GetChildren => "getChildren",
        OpCode.GetChildren2 => "getChildren2",
        OpCode.Sync => "sync",
        OpCode.Multi => "multi",
        OpCode.MultiRead => "multiRead",
        OpCode.Reconfig => "reconfig",
        OpCode.CheckWatches => "checkWatches",
        OpCode.RemoveWatches => "removeWatches",
        OpCode.AddWatch => "addWatch",
        OpCode.GetEphemerals => "getEphemerals",
        OpCode.GetAllChildrenNumber => "getAllChildrenNumber",
        OpCode.WhoAmI => "whoAmI",
        OpCode.Auth => "auth",
        _ => type.ToString(),
    };
}
