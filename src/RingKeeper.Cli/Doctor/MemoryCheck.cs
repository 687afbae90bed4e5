using System.Globalization;

namespace RingKeeper.Cli.Doctor;

/// <summary>What each shard does when it is full, and how near that is.</summary>
internal sealed class MemoryCheck : IDoctorCheck
{
    private const double Near = 0.9;

    public string Name => "memory";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        List<Finding> findings = [.. Policies(facts), .. facts.Answered.SelectMany(static one => Shard(one.Shard, one.Facts))];
        if (findings.Count == 0 && facts.Answered.Any())
        {
            findings.Add(Finding.Ok("memory", string.Join("; ", facts.Answered.Select(static one => $"{one.Shard.Name}: {Bytes(one.Facts.UsedMemory)} of {Bytes(one.Facts.MaxMemory)}, {one.Facts.MaxMemoryPolicy}"))));
        }

        return [.. findings, .. facts.Silent("memory")];
    }

    private static IEnumerable<Finding> Policies(DoctorFacts facts)
    {
        var policies = facts.Answered.Where(static one => one.Facts.MaxMemoryPolicy is not null).GroupBy(static one => one.Facts.MaxMemoryPolicy, static one => one.Shard.Name, StringComparer.Ordinal).ToList();
        if (policies.Count > 1)
        {
            yield return Finding.Warning(
                "policy-differs", $"maxmemory-policy differs: {string.Join("; ", policies.Select(static policy => $"{policy.Key} on {string.Join(", ", policy)}"))}: the same key is kept here and evicted or refused there",
                "set one on all, such as allkeys-lru or allkeys-lfu for a cache, in redis.conf and by CONFIG SET");
        }
    }

    private static IEnumerable<Finding> Shard(Shard shard, ShardFacts facts)
    {
        if (facts.MaxMemory is not { } limit || facts.MaxMemoryPolicy is not { } policy)
        {
            yield return Finding.NotChecked("memory", $"INFO of {shard.Name} tells no limit of memory", "look at that server's configuration");
            yield break;
        }

        if (facts.UsedMemory is null)
        {
            yield return Finding.NotChecked("memory", $"INFO of {shard.Name} tells not how much memory is used", "look at that server itself");
        }

        if (limit == 0)
        {
            yield return Finding.Warning("memory-unlimited", $"shard {shard.Name} has no maxmemory: it grows until the machine or its container kills it ({Bytes(facts.UsedMemory)} now)", "set maxmemory below what the machine has, and a policy such as allkeys-lru");
            yield break;
        }

        if (policy == "noeviction")
        {
            yield return Finding.Warning("policy-noeviction", $"shard {shard.Name} refuses writes once {Bytes(limit)} are full (noeviction); {Bytes(facts.UsedMemory)} are", "allkeys-lru or allkeys-lfu suits a cache; where shards hold records, watch their memory");
        }
        else if (policy.StartsWith("volatile-", StringComparison.Ordinal) && facts.Keys is > 0 and var keys && facts.ExpiringKeys < keys)
        {
            yield return Finding.Note(
                "policy-volatile", string.Create(CultureInfo.InvariantCulture, $"shard {shard.Name} evicts only keys that expire ({policy}), and {keys - facts.ExpiringKeys} of {keys} do not: once those fill it, writes are refused"),
                "give every key an expiry, or take an allkeys policy");
        }

        if (facts.UsedMemory > limit * Near)
        {
            var text = $"shard {shard.Name} uses {Bytes(facts.UsedMemory)} of {Bytes(limit)}";
            yield return policy.StartsWith("allkeys-", StringComparison.Ordinal)
                ? Finding.Note("memory-near", $"{text}; it evicts, as a cache does ({facts.EvictedKeys ?? 0} keys so far)", "raise maxmemory or add a shard, if hits fall")
                : Finding.Critical("memory-near", $"{text}, and its policy is {policy}: writes are or will be refused", "raise maxmemory, add a shard, or take an allkeys policy");
        }
        else if (facts.EvictedKeys > 0)
        {
            yield return Finding.Note("evictions", string.Create(CultureInfo.InvariantCulture, $"shard {shard.Name} has evicted {facts.EvictedKeys} keys since its start"), "normal for a full cache; raise maxmemory or add a shard, if hits fall");
        }
    }

    private static string Bytes(long? bytes) => ByteSize.Format(bytes ?? 0);
}
