using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>The suite against Apache ZooKeeper: what it fails on is wrong in the suite.</summary>
public sealed class ApacheConformanceTests(ApacheServer server) : ConformanceSuite(server), IClassFixture<ApacheServer>;
