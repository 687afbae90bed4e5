using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.DependencyInjection;

/// <summary>The suite on Apache ZooKeeper and redis-server.</summary>
[Trait("Speed", "Slow")]
public sealed class RealHostTests : HostSuite<RealStack>;
