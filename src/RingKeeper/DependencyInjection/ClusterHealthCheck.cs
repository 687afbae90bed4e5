using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RingKeeper;

/// <summary>Tells the health of a cluster from what is in memory; asks no server.</summary>
internal sealed class ClusterHealthCheck(ZKCluster cluster) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(ClusterHealth.Judge(cluster.Name, cluster.IsConnected ? cluster.View : null, cluster.ViewAge, cluster.Unreadable, cluster.Session.State, context.Registration.FailureStatus));
}
