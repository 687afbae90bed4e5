using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Make one result of those of a command's parts. Each is given the results in the order of the parts.</summary>
internal static class Merges
{
    public static long Sum(IReadOnlyList<long> results, KeyParts? parts) => results.Sum();

    public static bool All(IReadOnlyList<bool> results, KeyParts? parts) => results.All(static result => result);

    public static DateTime Earliest(IReadOnlyList<DateTime> results, KeyParts? parts) => results.Min();

    /// <summary>Of results that are alike, any.</summary>
    public static T Same<T>(IReadOnlyList<T> results, KeyParts? parts) => results[0];

    public static T[] Concatenated<T>(IReadOnlyList<T[]> results, KeyParts? parts) => [.. results.SelectMany(static result => result ?? []).Distinct()];

    /// <summary>Puts each part's values where its keys stood.</summary>
    public static RedisValue[] InOrder(IReadOnlyList<RedisValue[]> results, KeyParts? parts)
    {
        var merged = new RedisValue[parts!.Count];
        for (var part = 0; part < results.Count; part++)
        {
            var places = parts.Parts[part].Places;

            // Sent without asking for an answer.
            if (results[part] is not { } values || values.Length != places.Count)
            {
                return [];
            }

            for (var i = 0; i < values.Length; i++)
            {
                merged[places[i]] = values[i];
            }
        }

        return merged;
    }

    public static RedisValue[] Union(IReadOnlyList<RedisValue[]> results, KeyParts? parts) => Concatenated(results, parts);

    public static RedisValue[] Intersection(IReadOnlyList<RedisValue[]> results, KeyParts? parts)
    {
        IEnumerable<RedisValue> common = results[0] ?? [];
        foreach (var result in results.Skip(1))
        {
            common = common.Intersect(result ?? []);
        }

        return [.. common];
    }

    /// <summary>Puts the streams that had something to read in the order of the positions that were asked for.</summary>
    public static RedisStream[] Streams(IReadOnlyList<RedisStream[]> results, KeyParts? parts)
    {
        var found = new List<(int Place, RedisStream Stream)>();
        for (var part = 0; part < results.Count; part++)
        {
            // A shard answers in the order in which it is asked, and leaves out what has nothing new; so its streams keep their order among all.
            var place = 0;
            var asked = parts!.Parts[part];
            foreach (var stream in results[part] ?? [])
            {
                while (place < asked.Places.Count - 1 && parts.Keys[asked.Places[place]] != stream.Key)
                {
                    place++;
                }

                found.Add((asked.Places[place], stream));
                place = Math.Min(place + 1, asked.Places.Count - 1);
            }
        }

        return [.. found.OrderBy(static one => one.Place).Select(static one => one.Stream)];
    }
}
