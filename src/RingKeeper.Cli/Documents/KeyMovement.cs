namespace RingKeeper.Cli.Documents;

/// <summary>Which keys of a sample get another owner when one ring replaces another. Pure.</summary>
/// <param name="Keys">The number of keys tried.</param>
/// <param name="Moved">Keys whose owner is another shard at another address.</param>
/// <param name="Readdressed">Keys that stay with their shard, whose address is another.</param>
/// <param name="Renamed">Keys that stay at their address, whose shard has another name.</param>
/// <param name="Shards">The shards of both rings, those of the first first.</param>
internal sealed record KeyMovement(int Keys, int Moved, int Readdressed, int Renamed, IReadOnlyList<ShardMovement> Shards)
{
    /// <summary>Gets the moved part of all keys.</summary>
    public double Share => (double)Moved / Keys;

    /// <summary>Gets whether some keys are looked for at another address than before.</summary>
    public bool IsAny => Moved + Readdressed > 0;

    /// <summary>Looks every key of the sample up on both rings.</summary>
    /// <param name="before">The ring in use.</param>
    /// <param name="after">The ring to come.</param>
    /// <param name="keys">The sample.</param>
    public static KeyMovement Measure(HashRing before, HashRing after, IEnumerable<byte[]> keys)
    {
        var pairs = keys.CountBy(key => (Old: before.GetOwner(key), New: after.GetOwner(key)))
            .Select(pair => (Old: before.Shards[pair.Key.Old], New: after.Shards[pair.Key.New], Keys: pair.Value)).ToList();
        return new KeyMovement(
            pairs.Sum(static pair => pair.Keys),
            pairs.Where(static pair => pair.Old.Name != pair.New.Name && pair.Old.Addr != pair.New.Addr).Sum(static pair => pair.Keys),
            pairs.Where(static pair => pair.Old.Name == pair.New.Name && pair.Old.Addr != pair.New.Addr).Sum(static pair => pair.Keys),
            pairs.Where(static pair => pair.Old.Name != pair.New.Name && pair.Old.Addr == pair.New.Addr).Sum(static pair => pair.Keys),
            ListShards(before, after, pairs));
    }

    private static List<ShardMovement> ListShards(HashRing before, HashRing after, List<(Shard Old, Shard New, int Keys)> pairs)
    {
        var shards = before.Shards.Concat(after.Shards).Select(static shard => shard.Name).Distinct(StringComparer.Ordinal)
            .ToDictionary(static name => name, static name => new ShardMovement(name, 0, 0, 0, 0), StringComparer.Ordinal);
        foreach (var (old, now, count) in pairs)
        {
            var moved = old.Name == now.Name ? 0 : count;
            shards[old.Name] = shards[old.Name] with { Before = shards[old.Name].Before + count, Lost = shards[old.Name].Lost + moved };
            shards[now.Name] = shards[now.Name] with { After = shards[now.Name].After + count, Gained = shards[now.Name].Gained + moved };
        }

        return [.. shards.Values];
    }
}

/// <summary>What a shard owns of a sample before and after a change.</summary>
/// <param name="Name">The shard's name.</param>
/// <param name="Before">Keys it owns before.</param>
/// <param name="After">Keys it owns after.</param>
/// <param name="Gained">Keys it takes from others.</param>
/// <param name="Lost">Keys it gives to others.</param>
internal sealed record ShardMovement(string Name, int Before, int After, int Gained, int Lost);
