using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace RingKeeper.Tests.Caching;

/// <summary>How the caches of a cluster are registered and configured.</summary>
public sealed class CacheSettingsTests
{
    [Fact]
    public void Every_setting_is_read_from_the_clusters_section_and_code_has_the_last_word()
    {
        using var provider = Build(
            cache => cache.AddDistributedCache(settings => settings.MaxValueBytes = 7),
            ("Format", "gorelib"), ("KeyPrefix", "app:"), ("Expiry", "00:05:00"), ("MaxValueBytes", "1000"), ("WhenShardAway", "Miss"), ("RoutePolicy", "OwnerOnly"), ("Channel", "c"));
        var settings = provider.GetRequiredService<IOptionsMonitor<CacheSettings>>().Get("");

        Assert.Equal((CacheFormat.GoreLib, "app:", TimeSpan.FromMinutes(5), 7), (settings.Format, settings.KeyPrefix, settings.Expiry, settings.MaxValueBytes));
        Assert.Equal((ShardAwayPolicy.Miss, RoutePolicy.OwnerOnly, "c"), (settings.WhenShardAway, settings.RoutePolicy, settings.Channel));
    }

    [Fact]
    public void A_property_that_can_be_set_and_is_not_code_is_a_setting()
    {
        foreach (var property in typeof(CacheSettings).GetProperties().Where(p => p.Name != nameof(CacheSettings.Serializer)))
        {
            using var provider = Build(cache => cache.AddVersionedCache(), (property.Name, "?"));
            var flaws = Record.Exception(() => provider.GetRequiredService<IOptionsMonitor<CacheSettings>>().Get(""))?.Message ?? "";
            Assert.DoesNotContain("is not a setting", flaws, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_the_start_by_its_path()
    {
        using var provider = Build(cache => cache.AddDistributedCache(), ("Expiry", "10"), ("MaxValueBytes", "0"), ("Channel", ""), ("KeyPrefx", "a"));
        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.Equal(4, error.Failures.Count());
        foreach (var setting in new[] { "Expiry", "MaxValueBytes", "Channel", "KeyPrefx" })
        {
            Assert.Contains(error.Failures, flaw => flaw.StartsWith($"RingKeeper:Cache:{setting} ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void What_is_set_in_code_is_named_as_in_code()
    {
        var services = new ServiceCollection();
        services.AddKeyedRingKeeper("orders", options => (options.ZKServers, options.ClusterName) = ("zk:2181", "orders")).AddVersionedCache(settings => settings.Expiry = TimeSpan.Zero);
        using var provider = services.BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.StartsWith("CacheSettings.Expiry of 'orders' ", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_interfaces_give_one_object_under_the_clusters_key_alone()
    {
        var services = new ServiceCollection();
        services.AddKeyedRingKeeper("orders", options => (options.ZKServers, options.ClusterName) = ("zk:2181", "orders")).AddDistributedCache().AddDistributedCache();
        await using var provider = services.BuildServiceProvider();

        Assert.Same(provider.GetRequiredKeyedService<IDistributedCache>("orders"), provider.GetRequiredKeyedService<IBufferDistributedCache>("orders"));
        Assert.Null(provider.GetService<IDistributedCache>());
        Assert.NotNull(provider.GetRequiredKeyedService<VersionedCache>("orders"));
        Assert.Single(services, service => service.ServiceType == typeof(IDistributedCache));
    }

    private static ServiceProvider Build(Action<RingKeeperBuilder> add, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("RingKeeper:ZKServers", "zk:2181"),
            new("RingKeeper:ClusterName", "orders"),
            .. settings.Select(s => KeyValuePair.Create($"RingKeeper:Cache:{s.Key}", (string?)s.Value)),
        ]).Build();
        var services = new ServiceCollection();
        add(services.AddRingKeeper(configuration.GetSection("RingKeeper")));
        return services.BuildServiceProvider();
    }
}
