namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>The suite on Apache ZooKeeper and redis-server.</summary>
public sealed class RealClientFaultTests : ClientFaultSuite<RealStack>;
