using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace RingKeeper.Tests.Commands;

/// <summary>Which messages are taken for copies.</summary>
public sealed class DoubleRemoverTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void Nothing_of_one_shard_is_a_copy_and_nothing_is_remembered_for_long()
    {
        var clock = new FakeTimeProvider();
        var remover = new DoubleRemover(clock);

        for (var i = 0; i < 10_000; i++)
        {
            Assert.False(remover.IsDouble(0, (UInt128)(i % 3)));
            clock.Advance(Moment);
        }

        Assert.InRange(remover.Count, 1, (ChannelMoves.CopiesWithin / Moment) + 1);
    }

    [Fact]
    public void A_copy_counts_once_and_only_soon()
    {
        var clock = new FakeTimeProvider();
        var remover = new DoubleRemover(clock);

        Assert.Equal([false, false, true, true, false], new[] { 0, 0, 1, 1, 1 }.Select(source => remover.IsDouble(source, 7)));
        clock.Advance(ChannelMoves.CopiesWithin);
        Assert.False(remover.IsDouble(1, 7));
        Assert.False(remover.IsDouble(1, 8));
        Assert.Equal([true, true], new[] { 0, 2 }.Select(source => remover.IsDouble(source, 8)));
    }

    [Fact]
    public void Whatever_the_order_between_shards_each_message_is_delivered_once()
    {
        var messages = Gen.Select(Gen.Int[0, 4], Gen.Int[1, 3]).Array[1, 12];
        Gen.Select(messages, Gen.Int).Sample((sent, seed) =>
        {
            // Each message, a text and the shards that it is sent to; the shards keep its order, and mix as chance has it.
            var shards = Enumerable.Range(0, 2).Select(shard => new Queue<int>(sent.Where(message => (message.Item2 & (1 << shard)) != 0).Select(message => message.Item1))).ToArray();
            var remover = new DoubleRemover(new FakeTimeProvider());
            var random = new Random(seed);
            var delivered = new List<int>();
            while (shards.Any(shard => shard.Count > 0))
            {
                var from = random.Next(2);
                if (shards[from].TryDequeue(out var text) && !remover.IsDouble(from, (UInt128)text))
                {
                    delivered.Add(text);
                }
            }

            // Of one text, what the busier shard said: nobody can tell a copy from another message that was sent to the other shard alone.
            foreach (var text in sent.Select(message => message.Item1).Distinct())
            {
                var counts = Enumerable.Range(0, 2).Select(shard => sent.Count(message => message.Item1 == text && (message.Item2 & (1 << shard)) != 0));
                if (delivered.Count(one => one == text) != counts.Max())
                {
                    return false;
                }
            }

            return true;
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_same_text_every_second_is_delivered_every_second_through_a_whole_move(bool newShardFirst)
    {
        var clock = new FakeTimeProvider();
        var remover = new DoubleRemover(clock);
        for (var second = 0; second < 15; second++)
        {
            // On the old shard, then on both, then on the new one.
            int[] shards = second < 5 ? [0] : second >= 10 ? [1] : newShardFirst ? [1, 0] : [0, 1];
            var delivered = 0;
            foreach (var shard in shards)
            {
                delivered += remover.IsDouble(shard, 7) ? 0 : 1;
                clock.Advance(Moment);
            }

            // Where the new shard is the first, the first one may pass for the last one's copy; then the old shard's is delivered.
            Assert.Equal(1, delivered);
            clock.Advance(TimeSpan.FromSeconds(1) - (shards.Length * Moment));
        }
    }
}
