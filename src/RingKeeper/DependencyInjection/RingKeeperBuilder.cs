using RingKeeper;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds to a cluster that was registered.</summary>
public sealed class RingKeeperBuilder
{
    internal RingKeeperBuilder(IServiceCollection services, ClusterRegistration registration)
    {
        Services = services;
        Registration = registration;
    }

    /// <summary>Gets the services of the container.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Gets the key under which the cluster is resolved, or null if it has none.</summary>
    public string? ServiceKey => Registration.Key;

    /// <summary>Gets the name of the cluster's <see cref="RingKeeperOptions"/>: the key, or empty if it has none.</summary>
    public string OptionsName => Registration.Name;

    internal ClusterRegistration Registration { get; }
}
