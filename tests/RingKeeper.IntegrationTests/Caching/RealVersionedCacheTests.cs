using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The suite on Apache ZooKeeper and redis-server.</summary>
public sealed class RealVersionedCacheTests : VersionedCacheSuite<RealStack>;
