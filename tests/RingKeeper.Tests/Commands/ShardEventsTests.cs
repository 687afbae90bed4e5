using System.Collections.Concurrent;
using System.Net;
using Xunit;

namespace RingKeeper.Tests.Commands;

/// <summary>What a ring's multiplexer tells of its shards.</summary>
public sealed class ShardEventsTests
{
    [Fact]
    public async Task A_change_of_configuration_is_a_shard_that_joins_or_leaves_and_not_one_that_is_drained()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var told = new ConcurrentQueue<EndPoint>();
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ring.Database.Multiplexer.ConfigurationChanged += (_, change) =>
        {
            told.Enqueue(change.EndPoint);
            _ = change.EndPoint.Equals(ShardAddress.Parse(RoutedFixture.B.Addr)) && left.TrySetResult();
        };

        await ring.ApplyAsync(View(2, RoutedFixture.A with { Drained = true }, RoutedFixture.B));
        await ring.ApplyAsync(View(3, RoutedFixture.A with { Drained = true }));

        await left.Task.WaitAsync(RoutedFixture.Soon);
        Assert.Equal([ShardAddress.Parse(RoutedFixture.B.Addr)], told);
    }

    private static ClusterView View(long version, params Shard[] shards) =>
        new(new ConsistentRingBuilder("20").Build(shards), true, version, 0, 1, RoutedFixture.AllAlive.ToDictionary(status => status.Addr));
}
