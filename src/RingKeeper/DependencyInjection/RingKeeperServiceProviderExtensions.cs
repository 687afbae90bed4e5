using RingKeeper;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Connects clusters where no host does.</summary>
public static class RingKeeperServiceProviderExtensions
{
    /// <summary>Connects every registered cluster that is not connected yet. For programs without a host, and for what runs before one starts; a host does it by itself when it starts.</summary>
    /// <param name="services">The container. It closes the clusters; dispose of it asynchronously.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When all are connected.</returns>
    /// <exception cref="InvalidOperationException">No cluster is registered.</exception>
    /// <exception cref="Options.OptionsValidationException">A setting is missing or not allowed; the message names all of them.</exception>
    /// <exception cref="RingKeeperException">ZooKeeper could not be reached, or there is no such cluster; the message names the settings.</exception>
    public static Task ConnectRingKeeperAsync(this IServiceProvider services, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        var starter = services.GetService<ClusterStarter>()
            ?? throw new InvalidOperationException("No cluster is registered in this container. Call services.AddRingKeeper(…) before it is built.");
        return starter.ConnectAsync(cancellationToken);
    }
}
