using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.DependencyInjection;

/// <summary>The suite on Apache ZooKeeper and redis-server.</summary>
public sealed class RealHostTests : HostSuite<RealStack>;
