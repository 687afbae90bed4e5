namespace RingKeeper.Cli.Doctor;

/// <summary>Whether each shard is a server of its own that takes writes.</summary>
internal sealed class IdentityCheck : IDoctorCheck
{
    public string Name => "shards are servers of their own";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        List<Finding> findings =
        [
            .. from shards in facts.Answered.Where(static one => one.Facts.RunId is not null).GroupBy(static one => one.Facts.RunId, StringComparer.Ordinal)
               where shards.DistinctBy(static one => one.Shard.Addr).Count() > 1
               select Finding.Critical(
                   "same-server",
                   $"{string.Join(" and ", shards.Select(static one => $"{one.Shard.Name} ({one.Shard.Addr})"))} are one server, by its run_id: it takes the keys of several shards and fails for all of them, and a key that fails over may meet its own old copy",
                   $"give each its own server: 'ringkeeper cluster update {facts.Name} --remove {shards.Last().Shard.Name}'"),

            // The alarms name those whose votes tell it.
            .. from one in facts.Answered
               where one.Facts.Role is not (null or "master") && facts.Fleet.Value?.StatusOf(one.Shard) is not { Role: "slave" }
               select Finding.Critical(
                   "replica", $"shard {one.Shard.Name} is a replica: it copies another server, and takes no writes", $"send it REPLICAOF NO ONE, or take it out with 'ringkeeper cluster update {facts.Name} --remove {one.Shard.Name}'"),
        ];
        var known = facts.Answered.Where(static one => one.Facts is { RunId: not null, Role: not null }).Select(static one => one.Shard.Name).ToList();
        if (findings.Count == 0 && known.Count > 0 && facts.Answered.All(static one => one.Facts.Role == "master"))
        {
            findings.Add(Finding.Ok("identity", $"run_ids differ and each takes writes: {string.Join(", ", known)}"));
        }

        if (facts.Answered.Where(static one => one.Facts.RunId is null || one.Facts.Role is null).Select(static one => one.Shard.Name).ToList() is { Count: > 0 } untold)
        {
            findings.Add(Finding.NotChecked("identity", $"INFO of {string.Join(", ", untold)} tells no run_id or no role", "such a server's restarts go unnoticed; run redis-server or Valkey"));
        }

        return [.. findings, .. facts.Silent("identity")];
    }
}
