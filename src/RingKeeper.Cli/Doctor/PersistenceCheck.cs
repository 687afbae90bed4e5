namespace RingKeeper.Cli.Doctor;

/// <summary>
/// Whether a shard comes back with data from before. Under RingKeeper's checkers a restart is another run, which gets a new epoch, so that copies of a cache from before
/// it are misses; where the run is not known, as under Go checkers, a restart shorter than the threshold is noticed by nobody, and what it restored is served.
/// </summary>
internal sealed class PersistenceCheck : IDoctorCheck
{
    public string Name => "persistence";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        List<Finding> findings = [.. facts.Answered.Select(one => Judge(facts, one.Shard, one.Facts)), .. facts.Silent("persistence")];
        return findings;
    }

    private static Finding Judge(DoctorFacts facts, Shard shard, ShardFacts told)
    {
        if (told.AofEnabled is not { } aof)
        {
            return Finding.NotChecked("persistence", $"INFO of {shard.Name} tells nothing of persistence", "look at that server's configuration");
        }

        var how = aof ? "an append-only file" : HasSaved(told) ? "snapshots (it has written one, or read one at its start)" : null;
        if (how is null)
        {
            // CONFIG would tell, and is for administrators.
            return Finding.NotChecked(
                "persistence",
                $"{shard.Name} keeps no append-only file{(told.Fields.ContainsKey("rdb_saves") ? " and has written no snapshot since its start; whether it would" : "; whether it writes or has read snapshots")}, INFO does not tell", "'redis-cli config get save' tells; for a cache set save \"\"");
        }

        return facts.Fleet.Value is { } fleet && fleet.Leader is { Kind: VoterKind.RingKeeper } && !fleet.UnseenRestarts.Contains(shard)
            ? Finding.Note(
                "persistence-kept", $"shard {shard.Name} keeps {how}. Its restarts are noticed by their run_id, so that copies of a cache from before one are misses; plain keys, and all that is read past the cache, come back as they were on disk",
                "for a cache alone turn it off: appendonly no, save \"\"; keep it for key rings, jobs and locks (docs/libraries.md)")
            : Finding.Warning(
                "persistence-resurrects", $"shard {shard.Name} keeps {how}, and nobody notices a restart that is shorter than the checkers' threshold: what it restores, removed and replaced values too, is served as if it were new",
                "turn it off: appendonly no, save \"\"; or let RingKeeper's checkers decide alone, whose Redis user has +info");
    }

    // A server that never saved tells its start as the time of its last save.
    private static bool HasSaved(ShardFacts told) =>
        (long.TryParse(told.Fields.GetValueOrDefault("rdb_saves"), out var saves) && saves > 0)
        || (long.TryParse(told.Fields.GetValueOrDefault("rdb_last_load_keys_loaded"), out var loaded) && loaded > 0);
}
