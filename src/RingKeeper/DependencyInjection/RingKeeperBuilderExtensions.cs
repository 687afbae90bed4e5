using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RingKeeper;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a checker and a health check to a registered cluster.</summary>
public static class RingKeeperBuilderExtensions
{
    /// <summary>
    /// Runs a checker of the cluster in this process, from the start of the host to its end, where it withdraws its vote. A majority of the
    /// checkers a cluster expects is needed to decide, so run as many hosts, on different machines. A fault that ends the checker is logged
    /// as critical and stops the host, unless <c>HostOptions.BackgroundServiceExceptionBehavior</c> says otherwise.
    /// </summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets more than the section <c>Checker</c> of the configuration does (default: nothing).</param>
    /// <returns>The builder.</returns>
    public static RingKeeperBuilder AddChecker(this RingKeeperBuilder builder, Action<CheckerSettings>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (services, name) = (builder.Services, builder.OptionsName);
        if (configure is not null)
        {
            services.Configure<RingKeeperOptions>(name, options => configure(options.Checker));
        }

        // Called again, it only configures: a process has one vote.
        var checker = new CheckerRegistration(name);
        if (!services.Any(service => !service.IsKeyedService && checker.Equals(service.ImplementationInstance)))
        {
            services.AddSingleton(checker);
            services.AddSingleton<IHostedService>(provider =>
                new HostedChecker(name, provider.GetRequiredService<ZooKeeperSessions>(), provider.GetRequiredService<OptionsMap>()));
        }

        return builder;
    }

    /// <summary>
    /// Adds a health check that asks no server. Healthy: all shards serve, and the view is of late. Degraded: half of the shards or fewer are away (dead, drained,
    /// undecided, or out of this process's reach), the view is older than it should be, or what ZooKeeper holds cannot be used. Unhealthy: more of the shards
    /// are away, none can serve, the ZooKeeper session is over, lookups are refused because of the view's age, or the host has not started. Its data name each
    /// shard's state, since when and why.
    /// </summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="name">The name of the check (default: <c>ringkeeper</c>, with a key <c>ringkeeper:KEY</c>).</param>
    /// <param name="failureStatus">The status while the cluster cannot be used (default: unhealthy).</param>
    /// <param name="tags">Tags to choose checks by (default: none).</param>
    /// <param name="configure">Sets what degrades it (default: nothing, see <see cref="ClusterHealthOptions"/>).</param>
    /// <returns>The builder.</returns>
    /// <exception cref="RingKeeperException">An option is out of range.</exception>
    public static RingKeeperBuilder AddHealthCheck(
        this RingKeeperBuilder builder, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, Action<ClusterHealthOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var key = builder.ServiceKey;
        var options = new ClusterHealthOptions();
        configure?.Invoke(options);
        options.Validate();
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            name ?? (key is null ? "ringkeeper" : $"ringkeeper:{key}"),
            provider => new ClusterHealthCheck(provider.GetRequiredKeyedService<ZKCluster>(key), options),
            failureStatus,
            tags));
        return builder;
    }

    /// <summary>
    /// Registers the ring as the container's <see cref="IConnectionMultiplexer"/>, under the cluster's key if it has one, so that code and libraries that ask for one run on
    /// it: caches, counters, sessions, publish/subscribe. For a cluster without key it is registered under the key <see cref="RoutePolicy.OwnerOnly"/> too, as the face that never
    /// leaves a key's owner: <c>[FromKeyedServices(RoutePolicy.OwnerOnly)] IConnectionMultiplexer</c>, for key rings, jobs and records.
    /// </summary>
    /// <param name="builder">The cluster.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The container has an <see cref="IConnectionMultiplexer"/> under this key already.</exception>
    public static RingKeeperBuilder AddConnectionMultiplexer(this RingKeeperBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (services, key) = (builder.Services, builder.ServiceKey);
        if (services.Any(service => service.ServiceType == typeof(IConnectionMultiplexer) && Equals(service.ServiceKey, key)))
        {
            throw new InvalidOperationException(
                $"An IConnectionMultiplexer{(key is null ? "" : $" with the key '{key}'")} is registered already. Take its registration away, or register the cluster under a key of its own with AddKeyedRingKeeper.");
        }

        services.AddKeyedSingleton(key, (provider, _) => provider.GetRequiredKeyedService<ZKCluster>(key).GetMultiplexer());
        if (key is null)
        {
            services.AddKeyedSingleton(RoutePolicy.OwnerOnly, (provider, _) => provider.GetRequiredService<ZKCluster>().GetMultiplexer(RoutePolicy.OwnerOnly));
        }

        return builder;
    }
}
