namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>The suite on the embedded pair.</summary>
public sealed class EmbeddedDecisionTests : DecisionSuite<EmbeddedStack>;

/// <summary>The suite on Apache ZooKeeper and redis-server.</summary>
public sealed class RealDecisionTests : DecisionSuite<RealStack>;
