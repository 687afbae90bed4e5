using CsCheck;
using RingKeeper.Cli.Documents;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class KeyMovementTests
{
    private static readonly byte[][] Some = [.. SampleKeys.Of(["{}"]).Take(2_000)];

    private static readonly Gen<HashRing> Rings =
        Gen.Select(Gen.OneOf(RingTypes.Consistent, RingTypes.Ketama, RingTypes.Rendezvous), Gen.Int[0, 12].HashSet[1, 6], Gen.Int[0, 1])
            .Select((type, numbers, shift) => Ring(type, [.. numbers.Select(number => new Shard($"s{number}", $"h:{1 + number + shift}"))]));

    [Fact]
    public void Nothing_moves_between_equal_rings() =>
        Rings.Sample(ring => KeyMovement.Measure(ring, ring, Some) is { Moved: 0, Readdressed: 0, Renamed: 0, IsAny: false, Keys: 2_000 });

    [Fact]
    public void The_way_back_moves_as_many_keys() =>
        Gen.Select(Rings, Rings).Sample((one, other) =>
        {
            var (there, back) = (KeyMovement.Measure(one, other, Some), KeyMovement.Measure(other, one, Some));

            Assert.Equal((there.Moved, there.Readdressed, there.Renamed), (back.Moved, back.Readdressed, back.Renamed));
            var reversed = back.Shards.ToDictionary(shard => shard.Name);
            Assert.All(there.Shards, shard => Assert.Equal(
                (shard.After, shard.Before, shard.Lost, shard.Gained), (reversed[shard.Name].Before, reversed[shard.Name].After, reversed[shard.Name].Gained, reversed[shard.Name].Lost)));
        });

    [Fact]
    public void What_one_shard_loses_others_gain() =>
        Gen.Select(Rings, Rings).Sample((one, other) =>
        {
            var movement = KeyMovement.Measure(one, other, Some);

            Assert.Equal(movement.Moved + movement.Renamed, movement.Shards.Sum(shard => shard.Gained));
            Assert.Equal(movement.Shards.Sum(shard => shard.Lost), movement.Shards.Sum(shard => shard.Gained));
            Assert.All(movement.Shards, shard => Assert.Equal(shard.After, shard.Before + shard.Gained - shard.Lost));
            Assert.Equal(2_000, movement.Shards.Sum(shard => shard.Before));
        });

    [Theory]
    [InlineData(RingTypes.Rendezvous)]
    [InlineData(RingTypes.Consistent)]
    public void Removing_a_shard_moves_only_its_own_keys(string type)
    {
        var shards = Enumerable.Range(1, 5).Select(i => new Shard($"s{i}", $"h:{i}")).ToList();

        var movement = KeyMovement.Measure(Ring(type, shards), Ring(type, [.. shards.Skip(1)]), SampleKeys.Of([]));

        Assert.Equal(SampleKeys.Count, movement.Keys);
        Assert.InRange(movement.Moved, 1, SampleKeys.Count);
        Assert.Equal((movement.Moved, 0), (movement.Shards[0].Lost, movement.Shards[0].After));
        Assert.All(movement.Shards.Skip(1), shard => Assert.Equal(0, shard.Lost));
    }

    [Fact]
    public void A_new_address_keeps_keys_with_their_shard()
    {
        var movement = KeyMovement.Measure(Ring(RingTypes.Rendezvous, [new("a", "h:1"), new("b", "h:2")]), Ring(RingTypes.Rendezvous, [new("a", "h:9"), new("b", "h:2")]), Some);

        Assert.Equal((0, movement.Shards[0].Before, 0), (movement.Moved, movement.Readdressed, movement.Renamed));
        Assert.True(movement.IsAny);
    }

    [Fact]
    public void A_new_name_keeps_some_keys_at_their_address()
    {
        var movement = KeyMovement.Measure(Ring(RingTypes.Rendezvous, [new("a", "h:1"), new("b", "h:2")]), Ring(RingTypes.Rendezvous, [new("c", "h:1"), new("b", "h:2")]), Some);

        // Of three independent draws each is the largest for a third of the keys.
        Assert.InRange(movement.Renamed, 600, 730);
        Assert.InRange(movement.Moved, 600, 730);
    }

    [Fact]
    public void Sample_keys_are_distinct_and_half_of_them_carry_the_tags_there_are()
    {
        var keys = SampleKeys.Of(["{}", "$$"]).Select(System.Text.Encoding.ASCII.GetString).ToList();

        Assert.Equal(100_000, keys.Distinct().Count());
        Assert.Equal((25_000, 25_000), (keys.Count(key => key[0] == '{'), keys.Count(key => key[0] == '$')));
    }

    private static HashRing Ring(string type, IReadOnlyList<Shard> shards) => RingTypes.CreateBuilder(type, "40").Build(shards);
}
