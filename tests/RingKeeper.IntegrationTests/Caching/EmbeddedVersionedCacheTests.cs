using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The suite on the embedded pair.</summary>
public sealed class EmbeddedVersionedCacheTests : VersionedCacheSuite<EmbeddedStack>;
