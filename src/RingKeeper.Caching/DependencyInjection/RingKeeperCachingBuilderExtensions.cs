using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RingKeeper;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Adds caches to a registered cluster. Each is a singleton under the cluster's key, or without one; it may be injected anywhere and works once the host has connected the
/// cluster. Settings come from the section <c>Cache</c> of the cluster's section; called again, a method only configures.
/// </summary>
public static class RingKeeperCachingBuilderExtensions
{
    /// <summary>Adds a <see cref="VersionedCache"/>.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets more than the section does (default: nothing).</param>
    /// <returns>The builder.</returns>
    public static RingKeeperBuilder AddVersionedCache(this RingKeeperBuilder builder, Action<CacheSettings>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (services, name) = (builder.Services, builder.OptionsName);
        if (!Has<VersionedCache>(builder))
        {
            services.AddOptions<CacheSettings>(name)
                .Configure<IOptionsMonitor<RingKeeperOptions>>((settings, clusters) =>
                {
                    if (clusters.Get(name).CacheSection is { } section)
                    {
                        CacheSettingsReader.Read(section, settings);
                    }
                })
                .ValidateOnStart();
            services.AddSingleton<IValidateOptions<CacheSettings>>(new CacheSettingsRules(name));
            services.AddKeyedSingleton(builder.ServiceKey, (provider, key) => new VersionedCache(provider.GetRequiredKeyedService<ZKCluster>(key), OptionsOf(provider, name)));
        }

        if (configure is not null)
        {
            services.Configure(name, configure);
        }

        return builder;
    }

    /// <summary>
    /// Adds the ring as <see cref="IDistributedCache"/> and <see cref="IBufferDistributedCache"/>, and so under HybridCache, sessions and whatever else takes one; and a
    /// <see cref="VersionedCache"/>. With a key, HybridCache finds it by its option <c>DistributedCacheServiceKey</c>.
    /// </summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets more than the section does (default: nothing).</param>
    /// <returns>The builder.</returns>
    public static RingKeeperBuilder AddDistributedCache(this RingKeeperBuilder builder, Action<CacheSettings>? configure = null)
    {
        builder.AddVersionedCache(configure);
        if (!Has<RingKeeperDistributedCache>(builder))
        {
            var (services, name) = (builder.Services, builder.OptionsName);
            services.AddKeyedSingleton(builder.ServiceKey, (provider, key) =>
                new RingKeeperDistributedCache(provider.GetRequiredKeyedService<ZKCluster>(key), OptionsOf(provider, name), new Nonces(BitConverter.ToInt64(Guid.NewGuid().ToByteArray()))));
            services.AddKeyedSingleton<IBufferDistributedCache>(builder.ServiceKey, static (provider, key) =>
                provider.GetKeyedService<NotifyingDistributedCache>(key) ?? (IBufferDistributedCache)provider.GetRequiredKeyedService<RingKeeperDistributedCache>(key));
            services.AddKeyedSingleton<IDistributedCache>(builder.ServiceKey, static (provider, key) => provider.GetRequiredKeyedService<IBufferDistributedCache>(key));
        }

        return builder;
    }

    /// <summary>Adds a <see cref="CacheBackplane"/>, for near caches of any kind. Whoever uses it starts it, after the host has connected the cluster.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets more than the section does (default: nothing).</param>
    /// <returns>The builder.</returns>
    public static RingKeeperBuilder AddCacheBackplane(this RingKeeperBuilder builder, Action<CacheSettings>? configure = null)
    {
        builder.AddVersionedCache(configure);
        var name = builder.OptionsName;
        if (!Has<CacheBackplane>(builder))
        {
            builder.Services.AddKeyedSingleton(builder.ServiceKey, (provider, key) =>
                new CacheBackplane(provider.GetRequiredKeyedService<ZKCluster>(key), SettingsOf(provider, name).ToBackplane(TimeOf(provider), LoggerOf(provider))));
        }

        return builder;
    }

    /// <summary>
    /// Keeps the near half of the container's HybridCache in step with other processes: what one of them writes or removes, by key or by tag, is dropped near in all others that
    /// call this too. Adds the distributed cache; HybridCache itself is added by <c>AddHybridCache</c>. Runs as long as the host.
    /// </summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="hybridCacheKey">The key of the HybridCache in the container (default: the one without key).</param>
    /// <param name="configure">Sets more than the section does (default: nothing).</param>
    /// <returns>The builder.</returns>
    public static RingKeeperBuilder AddHybridCacheBackplane(this RingKeeperBuilder builder, object? hybridCacheKey = null, Action<CacheSettings>? configure = null)
    {
        builder.AddDistributedCache(configure).AddCacheBackplane();
        if (!Has<NotifyingDistributedCache>(builder))
        {
            var key = builder.ServiceKey;
            builder.Services.AddKeyedSingleton(key, static (provider, key) =>
                new NotifyingDistributedCache(provider.GetRequiredKeyedService<RingKeeperDistributedCache>(key), provider.GetRequiredKeyedService<CacheBackplane>(key)));
            builder.Services.AddSingleton<IHostedService>(provider => new HybridNearCache(
                provider.GetRequiredKeyedService<HybridCache>(hybridCacheKey),
                provider.GetRequiredService<IMemoryCache>(),
                provider.GetRequiredKeyedService<RingKeeperDistributedCache>(key).Marks,
                provider.GetRequiredKeyedService<CacheBackplane>(key),
                TimeOf(provider),
                LoggerOf(provider)));
        }

        return builder;
    }

    private static bool Has<T>(RingKeeperBuilder builder) =>
        builder.Services.Any(service => service.ServiceType == typeof(T) && Equals(service.ServiceKey, builder.ServiceKey));

    private static CacheSettings SettingsOf(IServiceProvider provider, string name) => provider.GetRequiredService<IOptionsMonitor<CacheSettings>>().Get(name);

    private static VersionedCacheOptions OptionsOf(IServiceProvider provider, string name) => SettingsOf(provider, name).ToCache(TimeOf(provider), LoggerOf(provider));

    private static TimeProvider TimeOf(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;

    private static ILogger LoggerOf(IServiceProvider provider) => provider.GetService<ILoggerFactory>()?.CreateLogger("RingKeeper.Cache") ?? NullLogger.Instance;
}
