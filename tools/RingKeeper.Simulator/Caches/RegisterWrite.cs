namespace RingKeeper.Simulator.Caches;

/// <summary>A write, or a removal, as a shard executed it.</summary>
/// <param name="Number">The value; 0 for nothing.</param>
/// <param name="Order">Its place among all that was ever executed.</param>
/// <param name="At">When.</param>
/// <param name="Addr">Where.</param>
/// <param name="IsCurrent">Whether its writer's view was the newest published one by then.</param>
internal sealed record RegisterWrite(long Number, long Order, long At, string Addr, bool IsCurrent)
{
    /// <summary>Whether all clients would have gone to the same shard with it.</summary>
    public bool IsAgreed { get; init; }

    /// <summary>When its writer was told that it is done; null: never.</summary>
    public long? Acknowledged { get; set; }

    /// <summary>Who has read with the newest view something executed before it, though it had been executed: it is hidden for good since then.</summary>
    public long? HiddenSince { get; set; }
}
