using Microsoft.Extensions.Diagnostics.HealthChecks;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Judges how well a cluster can be used from this process. Pure.</summary>
internal static class ClusterHealth
{
    /// <summary>Judges a cluster.</summary>
    /// <param name="cluster">Its name.</param>
    /// <param name="view">What this process knows of it; null while it is not connected.</param>
    /// <param name="age">How long ZooKeeper has not vouched for the view.</param>
    /// <param name="unreadable">Why what ZooKeeper holds of it cannot be used, or null.</param>
    /// <param name="session">The state of the ZooKeeper session.</param>
    /// <param name="failureStatus">The status for a cluster that cannot be used.</param>
    public static HealthCheckResult Judge(string cluster, ClusterView? view, TimeSpan age, string? unreadable, SessionState session, HealthStatus failureStatus)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal) { ["cluster"] = cluster, ["zookeeper"] = session.ToString() };
        if (view is null)
        {
            return new HealthCheckResult(failureStatus, $"Cluster '{cluster}' is not connected yet.", data: data);
        }

        var shards = view.Ring.Shards;
        var states = shards.Select((_, i) => StateOf(view.StatusOf(i))).ToArray();
        for (var i = 0; i < states.Length; i++)
        {
            data[$"shard {shards[i].Name}"] = states[i];
        }

        var unwell = shards.Zip(states).Where(pair => pair.Second != "alive").Select(pair => $"{pair.First.Name} is {pair.Second}").ToArray();
        if (unwell.Length == shards.Count)
        {
            return new HealthCheckResult(failureStatus, $"No shard of cluster '{cluster}' can serve: {string.Join(", ", unwell)}.", data: data);
        }

        if (session is SessionState.AuthFailed or SessionState.Closed)
        {
            return new HealthCheckResult(failureStatus, $"Cluster '{cluster}' follows no change any more: its ZooKeeper session is {session}. Restart the process.", data: data);
        }

        List<string> troubles = [.. unwell];
        if (session != SessionState.Connected)
        {
            troubles.Add($"ZooKeeper is away (session {session}); a state {age.TotalSeconds:0} s old is used");
        }
        else if (unreadable is not null)
        {
            troubles.Add($"a state {age.TotalSeconds:0} s old is used: {unreadable.TrimEnd('.')}");
        }

        return troubles.Count == 0
            ? HealthCheckResult.Healthy($"All {shards.Count} shards of cluster '{cluster}' are alive.", data)
            : HealthCheckResult.Degraded($"Cluster '{cluster}': {string.Join(", ", troubles)}.", data: data);
    }

    private static string StateOf(ShardStatus? status) => status is null ? "undecided" : status.Alive ? "alive" : "dead";
}
