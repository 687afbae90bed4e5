using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Commands;

/// <summary>The suite on Apache ZooKeeper and redis-server.</summary>
public sealed class RealSubscriberTests : SubscriberSuite<RealStack>;
