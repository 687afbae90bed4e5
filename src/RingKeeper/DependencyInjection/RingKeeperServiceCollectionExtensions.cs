using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RingKeeper;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Registers clusters. <see cref="ZKCluster"/> and <see cref="IConnector"/> are singletons that may be injected anywhere, into constructors of
/// hosted services too; the host connects them when it starts, before any service's <c>StartAsync</c>, and fails to start if it cannot.
/// Clusters and checkers on the same ZooKeeper servers share one session. Loggers and, if one is registered, the <see cref="TimeProvider"/>
/// come from the container.
/// </summary>
public static class RingKeeperServiceCollectionExtensions
{
    /// <summary>Registers the cluster of this process, configured in code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>Adds a checker or a health check.</returns>
    /// <exception cref="InvalidOperationException">A cluster without key is registered already.</exception>
    public static RingKeeperBuilder AddRingKeeper(this IServiceCollection services, Action<RingKeeperOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, new ClusterRegistration(Options.Options.DefaultName), null, configure);
    }

    /// <summary>Registers the cluster of this process, configured by a section of the configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section, whose keys are the properties of <see cref="RingKeeperOptions"/>; times are written <c>00:00:01</c>. A key that is not known is refused when the host starts.</param>
    /// <param name="configure">Sets more, after the section (default: nothing).</param>
    /// <returns>Adds a checker or a health check.</returns>
    /// <exception cref="InvalidOperationException">A cluster without key is registered already.</exception>
    public static RingKeeperBuilder AddRingKeeper(this IServiceCollection services, IConfigurationSection section, Action<RingKeeperOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, new ClusterRegistration(Options.Options.DefaultName), section, configure);
    }

    /// <summary>Registers one of several clusters, configured in code; it is resolved by its key, and its options have the key as their name.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key, as in <c>[FromKeyedServices("orders")]</c>.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>Adds a checker or a health check.</returns>
    /// <exception cref="InvalidOperationException">A cluster with this key is registered already.</exception>
    public static RingKeeperBuilder AddKeyedRingKeeper(this IServiceCollection services, string serviceKey, Action<RingKeeperOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, new ClusterRegistration(serviceKey), null, configure);
    }

    /// <summary>Registers one of several clusters, configured by a section of the configuration; it is resolved by its key, and its options have the key as their name.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key, as in <c>[FromKeyedServices("orders")]</c>.</param>
    /// <param name="section">The section, whose keys are the properties of <see cref="RingKeeperOptions"/>; times are written <c>00:00:01</c>. A key that is not known is refused when the host starts.</param>
    /// <param name="configure">Sets more, after the section (default: nothing).</param>
    /// <returns>Adds a checker or a health check.</returns>
    /// <exception cref="InvalidOperationException">A cluster with this key is registered already.</exception>
    public static RingKeeperBuilder AddKeyedRingKeeper(this IServiceCollection services, string serviceKey, IConfigurationSection section, Action<RingKeeperOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, new ClusterRegistration(serviceKey), section, configure);
    }

    private static RingKeeperBuilder Add(IServiceCollection services, ClusterRegistration registration, IConfigurationSection? section, Action<RingKeeperOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        RefuseDouble(services, registration);
        var options = services.AddOptions<RingKeeperOptions>(registration.Name).ValidateOnStart();
        if (section is not null)
        {
            options.Configure(target => SettingsReader.Read(section, target));
        }

        if (configure is not null)
        {
            options.Configure(configure);
        }

        AddShared(services);
        services.AddSingleton(registration);

        // The null key is that of the services without one.
        services.AddKeyedSingleton(registration.Key, (provider, _) => Create(provider, registration));
        services.AddKeyedSingleton<IConnector>(registration.Key, (provider, _) => provider.GetRequiredKeyedService<ZKCluster>(registration.Key));
        return new RingKeeperBuilder(services, registration);
    }

    private static void RefuseDouble(IServiceCollection services, ClusterRegistration registration)
    {
        if (services.Any(service => !service.IsKeyedService && registration.Equals(service.ImplementationInstance)))
        {
            throw new InvalidOperationException(registration.Key is { } key
                ? $"A cluster with the key '{key}' is registered already. Change its options with services.Configure<RingKeeperOptions>(\"{key}\", …), or give the other one another key."
                : "A cluster is registered already. Change its options with services.Configure<RingKeeperOptions>(…), or register the other one with AddKeyedRingKeeper.");
        }
    }

    private static void AddShared(IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RingKeeperOptions>, RingKeeperOptionsRules>());
        services.TryAddSingleton<ZooKeeperSessions>();
        services.TryAddSingleton(provider => new OptionsMap(
            provider.GetRequiredService<IOptionsMonitor<RingKeeperOptions>>(),
            provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance,
            provider.GetService<TimeProvider>() ?? TimeProvider.System));
        services.TryAddSingleton<ClusterStarter>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ClusterStarter>(provider => provider.GetRequiredService<ClusterStarter>()));
    }

    private static ZKCluster Create(IServiceProvider provider, ClusterRegistration registration)
    {
        // Created first and so disposed of last: the cluster's watches end before its session does.
        provider.GetRequiredService<ZooKeeperSessions>();
        var options = provider.GetRequiredService<OptionsMap>();
        return ZKCluster.Unconnected(options.Read(registration.Name).ClusterName!, options.ToCluster(registration.Name), new Random(), options.ClusterLogger);
    }
}
