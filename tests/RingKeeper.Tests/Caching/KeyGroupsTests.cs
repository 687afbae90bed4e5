using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Caching;

public sealed class KeyGroupsTests
{
    private static readonly Gen<(int[] Shards, int Most)> AnyKeys = Gen.Select(Gen.Int[0, 4].Array[0, 60], Gen.Int[1, 8]);

    [Fact]
    public void Every_key_that_has_a_shard_is_in_one_part_of_that_shard() => AnyKeys.Sample(static (shards, most) =>
    {
        var parts = KeyGroups.Split<int>(shards, most);
        var placed = parts.SelectMany(static part => part).Order();
        return placed.SequenceEqual(Enumerable.Range(0, shards.Length).Where(place => shards[place] != 0))
            && parts.All(part => part.All(place => shards[place] == shards[part[0]]));
    });

    [Fact]
    public void Parts_are_ordered_bounded_and_as_few_as_can_be() => AnyKeys.Sample(static (shards, most) =>
    {
        var parts = KeyGroups.Split<int>(shards, most);
        var fewest = shards.Where(static shard => shard != 0).GroupBy(static shard => shard).Sum(group => (group.Count() + most - 1) / most);
        return parts.Count == fewest && parts.All(part => part.Length <= most && part.SequenceEqual(part.Order()));
    });
}
