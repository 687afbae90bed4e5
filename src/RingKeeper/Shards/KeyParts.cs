namespace RingKeeper;

/// <summary>The keys of one command by the shards that serve them, in the order in which the shards are met.</summary>
/// <param name="Parts">One part a shard; at least one.</param>
/// <param name="Keys">All keys.</param>
internal sealed record KeyParts(IReadOnlyList<KeyPart> Parts, CommandKeys Keys)
{
    /// <summary>How many keys there are.</summary>
    public int Count => Keys.Count;

    /// <summary>All keys served by one route.</summary>
    public static KeyParts Whole(in ShardRoute route, in CommandKeys keys) => new([new KeyPart(route, [.. Enumerable.Range(0, keys.Count)])], keys);
}

/// <summary>The keys of one command that one shard serves.</summary>
/// <param name="Route">The shard's route.</param>
/// <param name="Places">Where they stand in the command's list, rising.</param>
internal readonly record struct KeyPart(ShardRoute Route, IReadOnlyList<int> Places)
{
    /// <summary>Takes this part of a list; the list itself where this is all of it.</summary>
    public T[] Of<T>(T[] list) => Places.Count >= list.Length ? list : [.. Places.Select(place => list[place])];
}
