namespace RingKeeper.Simulator;

/// <summary>Draws the next topology: whatever moves keys, or lets another server answer for them.</summary>
internal sealed class TopologyReshaper(Simulation simulation, Random random)
{
    private int _names;

    /// <summary>Draws what our own manager may do.</summary>
    public ZKClusterInfo Next(ZKClusterInfo present)
    {
        List<Shard> shards = [.. present.Shards];
        switch (random.Next(12))
        {
            case < 3:
                return present with { Shards = Swap(shards) };
            case 3 or 4:
                return present with { Shards = Replace(shards) };
            case 5 or 6:
                return present with { Shards = Remove(shards) };
            case 7 or 8:
                return present with { Shards = Add(shards) };
            case 9:
                var renamed = random.Next(shards.Count);
                shards[renamed] = shards[renamed] with { Name = $"renamed{++_names}" };
                return present with { Shards = shards };
            case 10 when present.Options.RingType == RingTypes.Rendezvous:
                var weighed = random.Next(shards.Count);
                shards[weighed] = shards[weighed] with { Weight = 1 + random.Next(3) };
                return present with { Shards = shards };
            default:
                return present with { Options = present.Options with { RingParams = present.Options.RingParams == "20" ? "21" : "20" } };
        }
    }

    /// <summary>Draws what a manager of the Go package may do.</summary>
    public IReadOnlyList<Shard> NextOfGo(IReadOnlyList<Shard> present)
    {
        List<Shard> shards = [.. present];
        return random.Next(4) switch
        {
            0 => Swap(shards),
            1 => Replace(shards),
            2 => Remove(shards),
            _ => Add(shards),
        };
    }

    private List<Shard> Swap(List<Shard> shards)
    {
        var (one, other) = (random.Next(shards.Count), random.Next(shards.Count));
        (shards[one], shards[other]) = (shards[one] with { Addr = shards[other].Addr }, shards[other] with { Addr = shards[one].Addr });
        return shards;
    }

    private List<Shard> Replace(List<Shard> shards)
    {
        if (Unused(shards) is { } addr)
        {
            var replaced = random.Next(shards.Count);
            shards[replaced] = shards[replaced] with { Addr = addr };
        }

        return shards;
    }

    private List<Shard> Remove(List<Shard> shards)
    {
        if (shards.Count > 2)
        {
            shards.RemoveAt(random.Next(shards.Count));
        }

        return shards;
    }

    // Under the name that it had, or one that is free.
    private List<Shard> Add(List<Shard> shards)
    {
        if (Unused(shards) is { } addr)
        {
            var name = simulation.ShardList.First(s => s.Addr == addr).Name;
            shards.Insert(random.Next(shards.Count + 1), new Shard(shards.Exists(s => s.Name == name) ? $"added{++_names}" : name, addr));
        }

        return shards;
    }

    private string? Unused(List<Shard> shards)
    {
        List<string> unused = [.. simulation.ShardList.Select(static s => s.Addr).Where(a => !shards.Exists(s => s.Addr == a))];
        return unused.Count == 0 ? null : unused[random.Next(unused.Count)];
    }
}
