using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The suite on Garnet.</summary>
public sealed class EmbeddedBackplaneTests : BackplaneSuite<EmbeddedStack>;

/// <summary>The suite on redis-server.</summary>
[Trait("Speed", "Slow")]
public sealed class RealBackplaneTests : BackplaneSuite<RealStack>;
