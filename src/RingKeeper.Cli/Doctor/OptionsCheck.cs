using System.Globalization;

namespace RingKeeper.Cli.Doctor;

/// <summary>What the cluster's options mean on the day something breaks, and what is recorded beside them.</summary>
internal sealed class OptionsCheck : IDoctorCheck
{
    public string Name => "options";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        if (facts.Fleet.Value is not { } fleet)
        {
            return [facts.Unread("options")];
        }

        List<Finding> findings = [.. Options(fleet.Cluster), .. State(fleet), .. Record(fleet.Cluster)];
        if (findings.Count == 0)
        {
            var options = fleet.Cluster.Options;
            findings.Add(Finding.Ok("options", string.Create(
                CultureInfo.InvariantCulture, $"failover on, {options.ExpectedCheckers} checkers expected, brake at {options.MaxDeadPercent ?? 50} %, flap policy {options.FlapPolicy}, no shard drained or kept dead, history readable")));
        }

        return findings;
    }

    private static IEnumerable<Finding> Options(ZKClusterInfo cluster)
    {
        if (!cluster.Options.FailoverEnabled)
        {
            yield return Finding.Note("no-failover", "without failover nobody serves the keys of a dead shard", "mean it so, or make the cluster with failover");
        }

        if (cluster.Options.ExpectedCheckers is null)
        {
            yield return Finding.Warning(
                "expected-unset", "the cluster does not say how many checkers are expected: the few that are left of many would decide alone",
                $"set it: 'ringkeeper cluster export {cluster.Name}', add expectedCheckers, and 'ringkeeper cluster apply'");
        }

        if (cluster.Options.MaxDeadPercent is 100)
        {
            yield return Finding.Note("brake-off", "the brake is off (100 %): a fault of the checkers' network may take all shards at once", $"'ringkeeper cluster update {cluster.Name} --max-dead-percent 50'");
        }

        if (cluster.Options.FlapPolicy == FlapPolicy.Off)
        {
            yield return Finding.Note("flap-off", "the flap policy is off: a shard that dies and returns again and again ages its keys' copies each time", $"'ringkeeper cluster update {cluster.Name} --flap-policy decaying'");
        }
    }

    private static IEnumerable<Finding> State(Fleet fleet)
    {
        foreach (var shard in fleet.Cluster.Shards)
        {
            if (shard.Drained)
            {
                yield return Finding.Note("drained", $"shard {shard.Name} is drained: others serve its keys", $"'ringkeeper shard undrain {fleet.Cluster.Name} {shard.Name}' when its work is done");
            }

            if (fleet.SuppressionsOf(shard).ToList() is { Count: > 0 } suppressions)
            {
                yield return Finding.Warning(
                    "suppressed", $"shard {shard.Name} answers and is kept dead by {string.Join(", ", suppressions.Select(static one => one.Checker.Name))}: {suppressions[0].Entry.Suppressed}",
                    $"find out why it comes and goes: 'ringkeeper why {fleet.Cluster.Name} {shard.Name}'");
            }
        }
    }

    private static IEnumerable<Finding> Record(ZKClusterInfo cluster)
    {
        if (cluster.History.Trouble is { } trouble)
        {
            yield return Finding.Warning("history-unreadable", $"the record of earlier topologies cannot be read, so that every copy from before counts as old: {trouble}", "a RingKeeper checker that leads writes it anew; another program may have written to the znode");
        }
        else if (cluster.History.IsOutdated(cluster.Version))
        {
            yield return Finding.Warning(
                "history-outdated", "the record of earlier topologies does not belong to the present one: another manager changed the cluster, and every copy from before counts as old",
                "a RingKeeper checker that leads mends it within moments; change the cluster with RingKeeper's manager alone");
        }
    }
}
