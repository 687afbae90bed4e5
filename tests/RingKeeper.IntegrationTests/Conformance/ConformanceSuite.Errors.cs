using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Conformance;

// The results by their short names: most tests are about them.
public abstract partial class ConformanceSuite
{
    private protected const ZooKeeperErrorCode Ok = ZooKeeperErrorCode.Ok;
    private protected const ZooKeeperErrorCode RuntimeInconsistency = ZooKeeperErrorCode.RuntimeInconsistency;
    private protected const ZooKeeperErrorCode MarshallingError = ZooKeeperErrorCode.MarshallingError;
    private protected const ZooKeeperErrorCode Unimplemented = ZooKeeperErrorCode.Unimplemented;
    private protected const ZooKeeperErrorCode BadArguments = ZooKeeperErrorCode.BadArguments;
    private protected const ZooKeeperErrorCode NoNode = ZooKeeperErrorCode.NoNode;
    private protected const ZooKeeperErrorCode NoAuth = ZooKeeperErrorCode.NoAuth;
    private protected const ZooKeeperErrorCode BadVersion = ZooKeeperErrorCode.BadVersion;
    private protected const ZooKeeperErrorCode NoChildrenForEphemerals = ZooKeeperErrorCode.NoChildrenForEphemerals;
    private protected const ZooKeeperErrorCode NodeExists = ZooKeeperErrorCode.NodeExists;
    private protected const ZooKeeperErrorCode NotEmpty = ZooKeeperErrorCode.NotEmpty;
    private protected const ZooKeeperErrorCode InvalidAcl = ZooKeeperErrorCode.InvalidAcl;
    private protected const ZooKeeperErrorCode AuthFailed = ZooKeeperErrorCode.AuthFailed;
    private protected const ZooKeeperErrorCode NoWatcher = ZooKeeperErrorCode.NoWatcher;

    // Of reconfig.
    private protected const ZooKeeperErrorCode ReconfigDisabled = (ZooKeeperErrorCode)(-123);

    // The client has no name for it: it never sees a session that the server does not know.
    private protected const ZooKeeperErrorCode UnknownSession = (ZooKeeperErrorCode)(-12);
}
