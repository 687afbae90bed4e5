using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The suite in one process.</summary>
[Trait("Speed", "Slow")]
public sealed class EmbeddedWarmReturnTests : WarmReturnSuite<EmbeddedStack>;

/// <summary>The suite on Apache ZooKeeper and redis-server.</summary>
[Trait("Speed", "Slow")]
public sealed class RealWarmReturnTests : WarmReturnSuite<RealStack>;
