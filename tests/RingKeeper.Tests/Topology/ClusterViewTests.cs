using System.Text;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Topology;

public sealed class ClusterViewTests
{
    private static readonly Shard[] Three = [new("a", ":1"), new("b", ":2"), new("c", ":3")];
    private static readonly byte[] Key = "key"u8.ToArray();

    [Fact]
    public void The_owner_serves_while_it_is_alive()
    {
        var order = OrderOf(Three);
        var view = View(Three, stamp: 5, Alive(order[0], 7), Alive(order[1], 9), Alive(order[2], 11));

        Assert.Equal(new RouteDecision(RouteOutcome.Served, order[0], 7), view.Route(Key, RoutePolicy.Failover));
        Assert.Equal(new RouteDecision(RouteOutcome.Served, order[0], 7), view.Route(Key, RoutePolicy.OwnerOnly));
    }

    [Fact]
    public void A_dead_owner_is_passed_and_its_death_counts()
    {
        var order = OrderOf(Three);
        var view = View(Three, stamp: 5, Dead(order[0], 20), Alive(order[1], 9), Alive(order[2], 11));

        Assert.Equal(new RouteDecision(RouteOutcome.Served, order[1], 20), view.Route(Key, RoutePolicy.Failover));
    }

    [Fact]
    public void The_death_of_a_shard_behind_the_serving_one_does_not_count()
    {
        var order = OrderOf(Three);
        var view = View(Three, stamp: 5, Dead(order[0], 20), Alive(order[1], 30), Dead(order[2], 99));

        Assert.Equal(30, view.Route(Key, RoutePolicy.Failover).ValidSince);
    }

    [Fact]
    public void The_topology_stamp_is_the_floor()
    {
        var order = OrderOf(Three);
        var view = View(Three, stamp: 50, Dead(order[0], 20), Alive(order[1], 9), Alive(order[2], 11));

        Assert.Equal(50, view.Route(Key, RoutePolicy.Failover).ValidSince);
    }

    [Fact]
    public void OwnerOnly_never_leaves_a_dead_owner()
    {
        var order = OrderOf(Three);
        var view = View(Three, stamp: 5, Dead(order[0], 20), Alive(order[1], 9), Alive(order[2], 11));

        Assert.Equal(new RouteDecision(RouteOutcome.NoShardAvailable, order[0], 0), view.Route(Key, RoutePolicy.OwnerOnly));
    }

    [Fact]
    public void Without_failover_a_dead_owner_ends_the_route()
    {
        var order = OrderOf(Three);
        var view = new ClusterView(Ring(Three), false, 1, 5, 1, Statuses([Dead(order[0], 20), Alive(order[1], 9), Alive(order[2], 11)]));

        Assert.Equal(new RouteDecision(RouteOutcome.NoShardAvailable, order[0], 0), view.Route(Key, RoutePolicy.Failover));
    }

    [Fact]
    public void A_shard_without_a_status_stops_the_walk_even_in_its_middle()
    {
        var order = OrderOf(Three);

        Assert.Equal(
            new RouteDecision(RouteOutcome.NotReady, order[0], 0),
            View(Three, 5, Alive(order[1], 9), Alive(order[2], 11)).Route(Key, RoutePolicy.OwnerOnly));
        Assert.Equal(
            new RouteDecision(RouteOutcome.NotReady, order[1], 0),
            View(Three, 5, Dead(order[0], 9), Alive(order[2], 11)).Route(Key, RoutePolicy.Failover));
    }

    [Fact]
    public void With_every_shard_dead_none_is_available_and_the_owner_is_named()
    {
        var order = OrderOf(Three);
        var view = View(Three, 5, Dead(order[0], 9), Dead(order[1], 9), Dead(order[2], 9));

        Assert.Equal(new RouteDecision(RouteOutcome.NoShardAvailable, order[0], 0), view.Route(Key, RoutePolicy.Failover));
    }

    [Fact]
    public void Statuses_are_found_by_address_and_negative_since_is_kept()
    {
        var view = View([new("a", "h:1")], long.MinValue, new ShardStatus("h:1", true, -5));

        Assert.Equal(-5, view.Route(Key, RoutePolicy.Failover).ValidSince);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(40)]
    [InlineData(300)]
    public void A_long_row_of_dead_shards_is_passed(int count)
    {
        var shards = Enumerable.Range(0, count).Select(i => new Shard($"n{i}", $":{i + 1}")).ToArray();
        var order = OrderOf(shards, 20);
        var statuses = order.Select((addr, place) => new ShardStatus(addr is var i ? shards[i].Addr : "", place == order.Length - 1, 100 + place)).ToArray();
        var view = new ClusterView(Ring(shards, 20), true, 1, 0, 1, Statuses(statuses));

        Assert.Equal(new RouteDecision(RouteOutcome.Served, order[^1], 100 + order.Length - 1), view.Route(Key, RoutePolicy.Failover));
    }

    [Fact]
    public void What_the_first_outage_left_on_the_stand_in_is_stale_in_the_second()
    {
        // The Go package's stale read: v2 written to B in A's first outage was served again in the second, though v3 was newer.
        var order = OrderOf(Three);
        var alive = View(Three, 5, Alive(order[0], 10), Alive(order[1], 10), Alive(order[2], 10));
        var firstOutage = alive.WithStatuses(2, Statuses([Dead(order[0], 20), Alive(order[1], 10), Alive(order[2], 10)]));
        var epochOfV2 = firstOutage.Route(Key, RoutePolicy.Failover).ValidSince;
        var back = firstOutage.WithStatuses(3, Statuses([Alive(order[0], 30), Alive(order[1], 10), Alive(order[2], 10)]));
        var secondOutage = back.WithStatuses(4, Statuses([Dead(order[0], 40), Alive(order[1], 10), Alive(order[2], 10)]));

        var second = secondOutage.Route(Key, RoutePolicy.Failover);

        Assert.Equal(order[1], second.ShardIndex);
        Assert.True(second.ValidSince > epochOfV2);
        Assert.True(back.Route(Key, RoutePolicy.Failover).ValidSince > epochOfV2);
    }

    [Fact]
    public void ValidSince_never_decreases_for_a_key_over_views_whose_stamps_increase() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 10], Gen.Select(Gen.Int[0, 2], Gen.Int[0, 5], Gen.Bool).Array[1, 40], Gen.Byte.Array[0, 8])
            .Sample((count, points, steps, key) =>
            {
                var pool = Enumerable.Range(0, 6).Select(i => new Shard($"n{i}", $":{i + 1}")).ToArray();
                var shards = pool[..count];
                var stamp = 1L;
                var view = View(Ring(shards, points), stamp, [.. pool.Select(shard => new ShardStatus(shard.Addr, true, 1))]);
                var validSince = 0L;
                foreach (var (kind, which, alive) in steps)
                {
                    stamp++;
                    if (kind == 0)
                    {
                        shards = [.. pool.Where((_, i) => i == which || (i + which) % 2 == 0)];
                        view = view.WithTopology(Ring(shards, points), true, stamp, stamp);
                    }
                    else
                    {
                        var next = view.Statuses.ToDictionary(entry => entry.Key, entry => entry.Value);
                        var addr = pool[which].Addr;
                        next[addr] = next[addr].Alive == alive ? next[addr] : new ShardStatus(addr, alive, stamp);
                        view = view.WithStatuses(stamp, next);
                    }

                    var decision = view.Route(key, RoutePolicy.Failover);
                    if (decision.Outcome == RouteOutcome.Served)
                    {
                        Assert.True(decision.ValidSince >= validSince, $"{decision.ValidSince} after {validSince}");
                        validSince = decision.ValidSince;
                    }
                }
            });

    [Fact]
    public void A_route_agrees_with_a_naive_reference() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 3].Array[12], Gen.Bool, Gen.Bool, Gen.Byte.Array[0, 8]).Sample((count, states, failover, ownerOnly, key) =>
        {
            var shards = Enumerable.Range(0, count).Select(i => new Shard($"n{i}", $":{i + 1}")).ToArray();
            var statuses = shards.Select((shard, i) => new ShardStatus(shard.Addr, states[i] < 2, (i * 7) % 5)).Where((_, i) => states[i] != 3 || i % 2 == 0).ToArray();
            var ring = Ring(shards, 3);
            var view = new ClusterView(ring, failover, 1, 2, 1, Statuses(statuses));
            var order = new int[count];
            order = order[..ring.GetOrder(key, order)];

            Assert.Equal(NaiveRoute(view, order, failover && !ownerOnly), view.Route(key, ownerOnly ? RoutePolicy.OwnerOnly : RoutePolicy.Failover));
        });

    [Fact]
    public void The_since_of_an_address_that_stays_is_never_lowered()
    {
        var view = View(Three, 5, Alive(0, 100));

        var next = view.WithStatuses(2, Statuses([Dead(0, 50)]));

        Assert.Equal(new ShardStatus(":1", false, 100), next.StatusOf(0));
        Assert.Equal(100, next.WithTopology(Ring(Three), true, 3, 6, 3, Statuses([Alive(0, 7)])).StatusOf(0)!.Since);
    }

    [Fact]
    public void A_known_status_is_not_forgotten_while_its_shard_stays()
    {
        var view = View(Three, 5, Alive(0, 100), Dead(1, 101));

        Assert.Equal(new ShardStatus(":2", false, 101), view.WithStatuses(2, Statuses([Alive(0, 100)])).StatusOf(1));
    }

    [Fact]
    public void A_new_topology_carries_the_statuses_over()
    {
        var view = View(Three, 5, Alive(0, 100), Dead(1, 101), new ShardStatus(":9", true, 3));

        var next = view.WithTopology(Ring([new("x", ":9"), new("y", ":2")]), false, 8, 9);

        Assert.Equal((false, 8, 9, view.StatusVersion), (next.FailoverEnabled, next.TopologyVersion, next.TopologyStamp, next.StatusVersion));
        Assert.Equal(new ShardStatus(":9", true, 3), next.StatusOf(0));
        Assert.Equal(new ShardStatus(":2", false, 101), next.StatusOf(1));
    }

    [Fact]
    public void A_route_allocates_nothing()
    {
        var shards = Enumerable.Range(0, 30).Select(i => new Shard($"n{i}", $":{i + 1}")).ToArray();
        var view = View(Ring(shards, 9), 0, [.. shards.Select((shard, i) => new ShardStatus(shard.Addr, i % 10 == 0, i))]);
        var key = Key.ToArray();
        var bytes = Allocation.PerCall(i =>
        {
            key[0] = (byte)i;
            _ = view.Route(key, RoutePolicy.Failover);
        });
        Assert.Equal(0, bytes);
    }

    private static RouteDecision NaiveRoute(ClusterView view, int[] order, bool mayMove)
    {
        var validSince = view.TopologyStamp;
        foreach (var shard in mayMove ? order : order[..1])
        {
            if (view.StatusOf(shard) is not { } status)
            {
                return new RouteDecision(RouteOutcome.NotReady, shard, 0);
            }

            validSince = Math.Max(validSince, status.Since);
            if (status.Alive)
            {
                return new RouteDecision(RouteOutcome.Served, shard, validSince);
            }
        }

        return new RouteDecision(RouteOutcome.NoShardAvailable, order[0], 0);
    }

    private static HashRing Ring(Shard[] shards, int points = 4) => new ConsistentRingBuilder($"{points}").Build(shards);

    private static int[] OrderOf(Shard[] shards, int points = 4)
    {
        var order = new int[shards.Length];
        return order[..Ring(shards, points).GetOrder(Key, order)];
    }

    private static ClusterView View(Shard[] shards, long stamp, params ShardStatus[] statuses) => View(Ring(shards), stamp, statuses);

    private static ClusterView View(HashRing ring, long stamp, ShardStatus[] statuses) => new(ring, true, 1, stamp, 1, Statuses(statuses));

    private static Dictionary<string, ShardStatus> Statuses(ShardStatus[] statuses) => statuses.ToDictionary(status => status.Addr);

    private static ShardStatus Alive(int shard, long since) => new(Three[shard].Addr, true, since);

    private static ShardStatus Dead(int shard, long since) => new(Three[shard].Addr, false, since);
}
