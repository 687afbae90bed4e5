using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>The suite against a follower of a real ensemble.</summary>
[Trait("Speed", "Slow")]
public sealed class EnsembleConformanceTests(EnsembleMember server) : ConformanceSuite(server), IClassFixture<EnsembleMember>;
