using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Commands;

/// <summary>The suite on the embedded pair.</summary>
public sealed class EmbeddedCommandTests : CommandSuite<EmbeddedStack>;
