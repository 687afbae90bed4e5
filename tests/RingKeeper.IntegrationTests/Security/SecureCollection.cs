using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Security;

/// <summary>One server for all that only reads of it.</summary>
[CollectionDefinition(Name)]
public sealed class SecureCollection : ICollectionFixture<SecureZooKeeper>
{
    public const string Name = "Secure ZooKeeper";
}
