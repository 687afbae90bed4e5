namespace RingKeeper;

/// <summary>Groups keys by what serves them. Pure.</summary>
internal static class KeyGroups
{
    /// <summary>Groups places by their shard, each group in parts of bounded size; order is kept within a shard.</summary>
    /// <typeparam name="TShard">What tells shards apart.</typeparam>
    /// <param name="shards">By place: what serves the key; the type's default where nothing does, and the place is left out.</param>
    /// <param name="most">The most places of a part.</param>
    /// <returns>The parts: places of one shard each.</returns>
    public static List<int[]> Split<TShard>(ReadOnlySpan<TShard> shards, int most)
        where TShard : struct, IEquatable<TShard>
    {
        var parts = new List<int[]>();
        var open = new Dictionary<TShard, List<int>>();
        for (var place = 0; place < shards.Length; place++)
        {
            var shard = shards[place];
            if (shard.Equals(default))
            {
                continue;
            }

            if (!open.TryGetValue(shard, out var part))
            {
                open.Add(shard, part = []);
            }

            part.Add(place);
            if (part.Count == most)
            {
                parts.Add([.. part]);
                part.Clear();
            }
        }

        parts.AddRange(open.Values.Where(static part => part.Count > 0).Select(static part => part.ToArray()));
        return parts;
    }
}
