using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The suite on Garnet.</summary>
public sealed class EmbeddedHybridCacheTests : HybridCacheSuite<EmbeddedStack>;

/// <summary>The suite on redis-server.</summary>
[Trait("Speed", "Slow")]
public sealed class RealHybridCacheTests : HybridCacheSuite<RealStack>;
