using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RingKeeper.Dashboard;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds the dashboard to an application.</summary>
public static class RingKeeperDashboardEndpoints
{
    private const string Category = "RingKeeper.Dashboard";

    /// <summary>
    /// Maps a page that shows the clusters which the application has registered with <c>AddRingKeeper</c>, live, and <c>/metrics</c> below it in the text format of
    /// Prometheus. It changes nothing. It has no authentication of its own: whoever reaches the application sees it, unless the result is told
    /// <c>RequireAuthorization()</c>, which covers the page, the live stream, the metrics and all else below <paramref name="pattern"/>.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">Where it is served (default: <c>/ringkeeper</c>).</param>
    /// <param name="configure">Sets what it shows (default: all clusters).</param>
    /// <returns>Takes conventions for all its endpoints, such as <c>RequireAuthorization()</c>.</returns>
    /// <exception cref="InvalidOperationException">No cluster is registered, or none by a name that the options give.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options of a registered cluster are not allowed; the message names all of it.</exception>
    /// <exception cref="RingKeeper.RingKeeperException">An option is not allowed.</exception>
    public static IEndpointConventionBuilder MapRingKeeperDashboard(this IEndpointRouteBuilder endpoints, string pattern = "/ringkeeper", Action<DashboardOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var options = new DashboardOptions();
        configure?.Invoke(options);
        options.Validate();
        return endpoints.MapDashboard(pattern, DashboardFeeds.Of(endpoints.ServiceProvider, options), options);
    }

    /// <summary>Maps a dashboard of the feeds given, and ends both with the application.</summary>
    internal static IEndpointConventionBuilder MapDashboard(this IEndpointRouteBuilder endpoints, string pattern, DashboardFeeds feeds, DashboardOptions options)
    {
        var services = endpoints.ServiceProvider;
        var logger = (services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger(Category);
        var lifetime = services.GetService<IHostApplicationLifetime>();
        var metrics = new PrometheusMetrics();
        var stopping = feeds.BindTo(lifetime);
        stopping.Register(() =>
        {
            metrics.Dispose();

            // It only has to be told: the application has more to end, and nothing that the feeds use ends before its services do.
            _ = feeds.DisposeAsync().AsTask();
        });
        var group = endpoints.MapGroup(pattern);
        new DashboardSite(feeds, metrics, options, services.GetService<TimeProvider>() ?? TimeProvider.System, logger, stopping).MapTo(group);
        return group;
    }
}
