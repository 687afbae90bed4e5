using System.Collections.Immutable;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>The status as it was after one write: when that was seen, and ZooKeeper's number of it.</summary>
internal sealed record StatusChange(TimeSpan At, long Mzxid, ImmutableSortedDictionary<string, ShardStatus> Status)
{
    public static StatusChange None { get; } = new(TimeSpan.Zero, 0, ImmutableSortedDictionary<string, ShardStatus>.Empty);

    public bool? IsAlive(string addr) => Status.GetValueOrDefault(addr)?.Alive;

    /// <summary>What became of the shards since an earlier state; pure.</summary>
    /// <exception cref="InvalidOperationException">A stamp went down or was used again, a shard went, or the state is not later.</exception>
    public IReadOnlyList<StatusEvent> Since(StatusChange before)
    {
        if (Mzxid <= before.Mzxid)
        {
            throw new InvalidOperationException($"Status {Mzxid:x} does not come after {before.Mzxid:x}.");
        }

        if (before.Status.Keys.FirstOrDefault(addr => !Status.ContainsKey(addr)) is { } gone)
        {
            throw new InvalidOperationException($"{gone} is gone from status {Mzxid:x}.");
        }

        var largest = before.Status.Values.Select(s => s.Since).DefaultIfEmpty().Max();
        var changed = Status.Values.Where(s => before.Status.GetValueOrDefault(s.Addr) is not { } was || was.Since != s.Since || was.Alive != s.Alive).ToList();
        if (changed.Find(s => s.Since <= largest) is { } old)
        {
            throw new InvalidOperationException($"{old} of status {Mzxid:x} has no stamp above {largest}, the largest before.");
        }

        return [.. changed.Select(s => new StatusEvent(s.Addr, s.Alive, before.IsAlive(s.Addr) != s.Alive))];
    }
}

/// <summary>What one write did to one shard.</summary>
/// <param name="Addr">The shard's address.</param>
/// <param name="Alive">Whether it is alive now.</param>
/// <param name="IsFlip">Whether it was not so before; else only its stamp is new.</param>
internal sealed record StatusEvent(string Addr, bool Alive, bool IsFlip)
{
    public override string ToString() => $"{Addr} {(IsFlip ? "becomes" : "stays")} {(Alive ? "alive" : "dead")}";
}
