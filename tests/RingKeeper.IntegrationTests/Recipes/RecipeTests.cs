using RingKeeper.IntegrationTests.Client;
using Xunit;

namespace RingKeeper.IntegrationTests.Recipes;

/// <summary>The recipes against the embedded server.</summary>
public sealed class EmbeddedRecipeTests(EmbeddedClientTests.Fixture fixture) : RecipeSuite(fixture), IClassFixture<EmbeddedClientTests.Fixture>;

/// <summary>The recipes against a real Apache ZooKeeper.</summary>
[Trait("Speed", "Slow")]
public sealed class ApacheRecipeTests(ApacheClientTests.Fixture fixture) : RecipeSuite(fixture), IClassFixture<ApacheClientTests.Fixture>;
