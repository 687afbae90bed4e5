using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The suite on Garnet.</summary>
public sealed class EmbeddedDistributedCacheTests(CacheFixture<EmbeddedStack> fixture) : DistributedCacheSuite<EmbeddedStack>(fixture);

/// <summary>The suite on redis-server.</summary>
public sealed class RealDistributedCacheTests(CacheFixture<RealStack> fixture) : DistributedCacheSuite<RealStack>(fixture);
