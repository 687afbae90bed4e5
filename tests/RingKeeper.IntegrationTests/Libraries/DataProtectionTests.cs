using System.Globalization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace RingKeeper.IntegrationTests.Libraries;

/// <summary>Microsoft.AspNetCore.DataProtection.StackExchangeRedis on the face that never leaves a key's owner.</summary>
[Trait("Speed", "Slow")]
public sealed class DataProtectionTests
{
    private const string KeyRing = "DataProtection-Keys";

    [Fact]
    public async Task The_key_ring_stays_whole_on_its_owner_and_nobody_makes_a_second_one_while_that_is_away()
    {
        await using var scene = await LibraryScene.StartDurableAsync();
        var here = await scene.ConnectAsync();
        var there = await scene.ConnectAsync();
        await using var writer = Register(here);
        await using var reader = Register(there);
        var first = Protector(writer).Protect("first");
        Assert.Equal("first", Protector(reader).Unprotect(first));
        var owner = LibraryScene.OwnerOf(here, KeyRing);
        Assert.Equal([owner], await LibraryScene.WhereIsAsync(here, KeyRing));
        var keys = Ids(writer);
        Assert.Single(keys);

        await scene.KillAsync(owner);
        await scene.AgreedAsync(owner);

        // Who has read the keys goes on with them; who has not is told which shard is away, and makes none of its own.
        var second = Protector(writer).Protect("second");
        Assert.Equal("second", Protector(reader).Unprotect(second));
        await using var late = Register(there);
        AssertNames(owner, Assert.ThrowsAny<Exception>(() => Protector(late).Protect("late")));
        AssertNames(owner, Assert.ThrowsAny<Exception>(() => Protector(late).Unprotect(first)));
        AssertNames(owner, Assert.ThrowsAny<Exception>(() => CreateKey(writer)));

        await scene.ReturnAsync(owner);
        foreach (var process in new[] { writer, reader, late })
        {
            Assert.Equal("first", Protector(process).Unprotect(first));
            Assert.Equal("second", Protector(process).Unprotect(second));
        }

        Assert.Equal(keys, Ids(late));
        CreateKey(writer);
        Assert.Equal(2, Ids(late).Count);
        await using var restarted = Register(here);
        Assert.Equal("third", Protector(restarted).Unprotect(Protector(late).Protect("third")));
        Assert.Equal([owner], await LibraryScene.WhereIsAsync(here, KeyRing));
        Assert.Equal(2, await here.GetDatabase(RoutePolicy.OwnerOnly).ListLengthAsync(KeyRing));
    }

    private static ServiceProvider Register(ZKCluster cluster)
    {
        var services = new ServiceCollection();
        services.AddDataProtection().SetApplicationName("shop")
            .PersistKeysToStackExchangeRedis(cluster.GetMultiplexer(RoutePolicy.OwnerOnly), "DataProtection-Keys");
        return services.BuildServiceProvider();
    }

    private static IDataProtector Protector(ServiceProvider provider) => provider.GetRequiredService<IDataProtectionProvider>().CreateProtector("orders");

    private static void CreateKey(ServiceProvider provider) =>
        provider.GetRequiredService<IKeyManager>().CreateNewKey(DateTimeOffset.Parse("2020-01-01Z", CultureInfo.InvariantCulture), DateTimeOffset.Parse("2120-01-01Z", CultureInfo.InvariantCulture));

    private static IReadOnlyList<Guid> Ids(ServiceProvider provider) => [.. provider.GetRequiredService<IKeyManager>().GetAllKeys().Select(key => key.KeyId).Order()];

    private static void AssertNames(string shard, Exception error)
    {
        var refusal = error;
        while (refusal is not NoShardAvailableException && refusal.InnerException is { } inner)
        {
            refusal = inner;
        }

        Assert.Contains($"'{shard}'", Assert.IsType<NoShardAvailableException>(refusal).Message, StringComparison.Ordinal);
    }
}
