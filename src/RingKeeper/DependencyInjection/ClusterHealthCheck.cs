using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RingKeeper;

/// <summary>Tells the health of a cluster from what is in memory; asks no server.</summary>
internal sealed class ClusterHealthCheck(ZKCluster cluster, ClusterHealthOptions options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(ClusterHealth.Judge(cluster.Reading, options, context.Registration.FailureStatus));
}
