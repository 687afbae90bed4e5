namespace RingKeeper.Cli.Documents;

/// <summary>What a change moves. Sizes are shares of the key space, or numbers of keys. Pure.</summary>
/// <param name="Counted">How much was counted: 1 for the key space, else the number of keys.</param>
/// <param name="Exact">Whether the key space itself was counted.</param>
/// <param name="MovedOwner">How much gets another owner.</param>
/// <param name="MovedServer">How much is served by another shard, or by none any more, or by one at last.</param>
/// <param name="ExtraMisses">How much is served by a shard that did not serve it before, and so does not hold it, or whose copies count as stale, since the ring changed on the way to it.</param>
/// <param name="UnservedBefore">How much nobody serves before.</param>
/// <param name="UnservedAfter">How much nobody serves after.</param>
/// <param name="BalanceBefore">How evenly those that serve do, before.</param>
/// <param name="BalanceAfter">How evenly those that serve do, after.</param>
/// <param name="Shards">The shards of both, those of before first.</param>
internal sealed record WhatIfResult(
    double Counted,
    bool Exact,
    double MovedOwner,
    double MovedServer,
    double ExtraMisses,
    double UnservedBefore,
    double UnservedAfter,
    LoadBalance BalanceBefore,
    LoadBalance BalanceAfter,
    IReadOnlyList<ShardLoad> Shards)
{
    /// <summary>Gets how much of the misses stays where it is served.</summary>
    public double StaleInPlace { get; private init; }

    /// <summary>Sums up a flow.</summary>
    public static WhatIfResult Of(WhatIf what, KeyFlow flow, bool exact)
    {
        var (old, now) = (what.Before.Ring.Shards, what.After.Ring.Shards);
        double Sum(Func<KeyPath, bool> where) => flow.Sums.Where(sum => where(sum.Key)).Sum(static sum => sum.Value);
        string? Old(int shard) => shard < 0 ? null : old[shard].Name;
        string? New(int shard) => shard < 0 ? null : now[shard].Name;

        // A name may come back at another address: an empty server.
        string? OldAddr(int shard) => shard < 0 ? null : old[shard].Addr;
        string? NewAddr(int shard) => shard < 0 ? null : now[shard].Addr;
        bool Moves(KeyPath path) => OldAddr(path.ServerBefore) != NewAddr(path.ServerAfter);
        var loads = new List<ShardLoad>();
        foreach (var name in old.Concat(now).Select(static shard => shard.Name).Distinct(StringComparer.Ordinal))
        {
            loads.Add(new ShardLoad(
                name,
                StateOf(what.Before, name),
                what.Removed.Contains(name) && !what.Added.Contains(name) ? "removed" : StateOf(what.After, name),
                Sum(path => Old(path.ServerBefore) == name),
                Sum(path => New(path.ServerAfter) == name),
                [
                    .. flow.Sums.Where(sum => Old(sum.Key.ServerBefore) == name && Moves(sum.Key))
                        .GroupBy(sum => New(sum.Key.ServerAfter)).Select(static heirs => new Heir(heirs.Key, heirs.Sum(static sum => sum.Value))).OrderByDescending(static heir => heir.Size),
                ]));
        }

        return new WhatIfResult(
            Sum(static _ => true),
            exact,
            Sum(path => OldAddr(path.OwnerBefore) != NewAddr(path.OwnerAfter)),
            Sum(Moves),
            Sum(path => path.ServerAfter >= 0 && (Moves(path) || path.IsWalkChanged)),
            Sum(static path => path.ServerBefore < 0),
            Sum(static path => path.ServerAfter < 0),
            LoadBalance.Of([.. loads.Where(static load => load.StateBefore == "alive").Select(static load => load.Before)]),
            LoadBalance.Of([.. loads.Where(static load => load.StateAfter == "alive").Select(static load => load.After)]),
            loads)
        {
            StaleInPlace = Sum(path => path.ServerAfter >= 0 && !Moves(path) && path.IsWalkChanged),
        };
    }

    private static string StateOf(ClusterView view, string name)
    {
        for (var i = 0; i < view.Ring.Shards.Count; i++)
        {
            if (view.Ring.Shards[i].Name == name)
            {
                return view.StatusOf(i) is { Alive: true } ? "alive" : "dead";
            }
        }

        return "absent";
    }
}

/// <summary>What a shard serves before and after.</summary>
/// <param name="Name">The shard's name.</param>
/// <param name="StateBefore">alive, dead or absent.</param>
/// <param name="StateAfter">alive, dead or removed.</param>
/// <param name="Before">What it serves before.</param>
/// <param name="After">What it serves after.</param>
/// <param name="GoesTo">To whom goes what it serves before and no longer, the largest first.</param>
internal sealed record ShardLoad(string Name, string StateBefore, string StateAfter, double Before, double After, IReadOnlyList<Heir> GoesTo)
{
    /// <summary>Gets by how much its load rises, of what it was; null where it was nothing.</summary>
    public double? RelativeExtra => Before > 0 ? (After - Before) / Before : null;
}

/// <summary>Who serves keys from then on.</summary>
/// <param name="Name">The shard's name; null for nobody.</param>
/// <param name="Size">How much.</param>
internal sealed record Heir(string? Name, double Size);

/// <summary>How evenly shards that serve do it.</summary>
/// <param name="Least">The smallest load.</param>
/// <param name="Mean">The mean.</param>
/// <param name="Largest">The largest.</param>
/// <param name="Deviation">The standard deviation.</param>
internal sealed record LoadBalance(double Least, double Mean, double Largest, double Deviation)
{
    public static LoadBalance Of(IReadOnlyList<double> loads)
    {
        if (loads.Count == 0)
        {
            return new LoadBalance(0, 0, 0, 0);
        }

        var mean = loads.Average();
        return new LoadBalance(loads.Min(), mean, loads.Max(), Math.Sqrt(loads.Average(load => (load - mean) * (load - mean))));
    }
}
