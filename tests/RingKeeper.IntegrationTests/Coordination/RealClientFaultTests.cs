using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>The suite on Apache ZooKeeper and redis-server.</summary>
[Trait("Speed", "Slow")]
public sealed class RealClientFaultTests : ClientFaultSuite<RealStack>;
