using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Judges how well a cluster can be used from this process. Pure.</summary>
internal static class ClusterHealth
{
    /// <summary>Judges a cluster.</summary>
    /// <param name="known">What this process knows of it.</param>
    /// <param name="options">What degrades it.</param>
    /// <param name="failureStatus">The status for a cluster that cannot be used.</param>
    public static HealthCheckResult Judge(ClusterReading known, ClusterHealthOptions options, HealthStatus failureStatus)
    {
        var data = DataOf(known);
        if (known.View is not { } view)
        {
            return new HealthCheckResult(failureStatus, $"Cluster '{known.Cluster}' is not connected yet.", data: data);
        }

        var shards = Enumerable.Range(0, view.Ring.Shards.Count).Select(i => ShardReading.Of(known, view, i, options)).ToList();
        foreach (var shard in shards)
        {
            shard.AddTo(data);
        }

        var away = shards.Where(static shard => shard.IsAway).Select(static shard => $"{shard.Name} {shard.Reason}").ToList();
        var troubles = away.Concat(TroublesOf(known, options)).ToList();
        if (WhyUnusable(known, away.Count, shards.Count, options) is { } unusable)
        {
            return new HealthCheckResult(failureStatus, troubles.Count == 0 ? $"{unusable}." : $"{unusable}: {string.Join(", ", troubles)}.", data: data);
        }

        return troubles.Count == 0
            ? HealthCheckResult.Healthy($"All {shards.Count} shards of cluster '{known.Cluster}' are alive.", data)
            : HealthCheckResult.Degraded($"Cluster '{known.Cluster}': {string.Join(", ", troubles)}.", data: data);
    }

    private static string? WhyUnusable(ClusterReading known, int away, int shards, ClusterHealthOptions options) =>
        away == shards ? $"No shard of cluster '{known.Cluster}' can serve"
        : known.Session is SessionState.AuthFailed or SessionState.Closed ? $"Cluster '{known.Cluster}' follows no change any more, its ZooKeeper session is {known.Session}; restart the process"
        : known.RefusesLookups ? $"Cluster '{known.Cluster}' serves no lookup, as StaleViewPolicy.Refuse has it for a view this old"
        : away * 100 > options.MaxAwayPercent * shards ? $"{away} of {shards} shards of cluster '{known.Cluster}' are away"
        : null;

    private static IEnumerable<string> TroublesOf(ClusterReading known, ClusterHealthOptions options)
    {
        var isOld = known.ViewAge > options.DegradedViewAge;
        var view = string.Create(CultureInfo.InvariantCulture, $"a state {known.ViewAge.TotalSeconds:0} s old is used");
        if (known.Unreadable is { } unreadable && known.Session == SessionState.Connected)
        {
            yield return $"{view}: {unreadable.TrimEnd('.')}";
        }
        else if (isOld && known.Session != SessionState.Connected)
        {
            var why = known.ZooKeeperTrouble is { } trouble ? $", {trouble.TrimEnd('.')}" : "";
            yield return $"ZooKeeper is away (session {known.Session}{why}); {view}";
        }
        else if (isOld)
        {
            yield return $"{view}: ZooKeeper has not confirmed it";
        }
    }

    private static Dictionary<string, object> DataOf(ClusterReading known)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["cluster"] = known.Cluster,
            ["zookeeper"] = known.Session.ToString(),
            ["view age"] = known.ViewAge,
        };
        if (known.SinceContact is { } silence)
        {
            data["zookeeper last heard"] = silence;
        }

        if (known.ZooKeeperTrouble is { } trouble)
        {
            data["zookeeper trouble"] = trouble;
        }

        if (known.Unreadable is { } unreadable)
        {
            data["unreadable"] = unreadable;
        }

        return data;
    }
}
