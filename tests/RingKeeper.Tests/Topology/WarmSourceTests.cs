using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Topology;

public sealed class WarmSourceTests
{
    private static readonly ZKClusterOptions Options = new() { RingType = RingTypes.Consistent, RingParams = "4" };
    private static readonly byte[][] Keys = [.. Enumerable.Range(0, 12).Select(static i => Encoding.UTF8.GetBytes($"key{i}"))];

    [Fact]
    public void The_heir_and_its_epoch_are_those_of_the_view_before_the_last_change_of_the_key()
    {
        var found = 0;
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, 5], Gen.Int[0, 5]).Array[1, 40].Sample(
            events =>
            {
                var views = Play(events);
                foreach (var key in Keys)
                {
                    found += Judge(views, key) ? 1 : 0;
                }
            },
            iter: 2000,
            threads: 1);

        Assert.True(found > 1000, $"only {found} sources were found");
    }

    [Fact]
    public void A_shard_that_returned_is_filled_from_the_one_that_stood_in()
    {
        var shards = new[] { new Shard("a", ":1"), new Shard("b", ":2"), new Shard("c", ":3") };
        var ring = Options.CreateRingBuilder().Build(shards);
        var order = new int[3];
        ring.GetOrder(Keys[0], order);
        var statuses = shards.Select(static s => new ShardStatus(s.Addr, true, 10)).ToArray();
        statuses[order[0]] = statuses[order[0]] with { Since = 90, Died = 50, Under = 5 };
        var view = new ClusterView(ring, true, 1, new TopologyHistory(5, []), 1, statuses.ToDictionary(static s => s.Addr));

        Assert.Equal(new WarmSource(order[1], 50, 90), WarmSource.Find(view, Keys[0], order[0]));

        // Whatever concerned the stand-in since ends it.
        statuses[order[1]] = statuses[order[1]] with { Since = 95 };
        Assert.Null(WarmSource.Find(view.WithStatuses(2, statuses.ToDictionary(static s => s.Addr)), Keys[0], order[0]));
    }

    [Fact]
    public void Whoever_knows_an_older_topology_than_a_return_was_published_under_finds_no_source()
    {
        var shards = new[] { new Shard("a", ":1"), new Shard("b", ":2") };
        var ring = Options.CreateRingBuilder().Build(shards);
        var statuses = shards.Select(static s => new ShardStatus(s.Addr, true, 10)).ToArray();
        var owner = ring.GetOwner(Keys[0]);
        statuses[owner] = statuses[owner] with { Since = 90, Died = 50, Under = 40 };

        Assert.Null(WarmSource.Find(new ClusterView(ring, true, 1, new TopologyHistory(5, []), 1, statuses.ToDictionary(static s => s.Addr)), Keys[0], owner));
        Assert.NotNull(WarmSource.Find(new ClusterView(ring, true, 1, new TopologyHistory(40, []), 1, statuses.ToDictionary(static s => s.Addr)), Keys[0], owner));
    }

    [Fact]
    public void Writers_mark_whatever_shard_somebody_behind_them_may_fill_from()
    {
        var marked = 0;
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, 5], Gen.Int[0, 5]).Array[1, 40].Sample(
            events =>
            {
                var views = Play(events);
                var heirs = new List<int>();
                foreach (var key in Keys)
                {
                    // Somebody who lags by a few changes, and whose copies would count under the newest view.
                    var newest = views[^1];
                    if (newest.Route(key, RoutePolicy.Failover) is not { Outcome: RouteOutcome.Served } now)
                    {
                        continue;
                    }

                    heirs.Clear();
                    WarmSource.FindAll(newest, key, now.ShardIndex, heirs);
                    foreach (var behind in views.Skip(Math.Max(0, views.Count - 3)))
                    {
                        if (behind.Route(key, RoutePolicy.Failover) is { Outcome: RouteOutcome.Served } then
                            && behind.Ring.Shards[then.ShardIndex].Addr == newest.Ring.Shards[now.ShardIndex].Addr
                            && behind.ExactValidSince(key, RoutePolicy.Failover) >= newest.ExactValidSince(key, RoutePolicy.Failover)
                            && WarmSource.Find(behind, key, then.ShardIndex) is { } source
                            && behind.Ring.Shards[source.Heir].Addr is var addr
                            && newest.Ring.Shards.Any(s => s.Addr == addr)
                            && newest.Statuses[addr].Alive)
                        {
                            Assert.Contains(addr, heirs.Select(h => newest.Ring.Shards[h].Addr));
                            marked++;
                        }
                    }
                }
            },
            iter: 2000,
            threads: 1);

        Assert.True(marked > 1000, $"only {marked} fills were possible");
    }

    [Fact]
    public void A_restart_has_no_source()
    {
        var shards = new[] { new Shard("a", ":1"), new Shard("b", ":2") };
        var ring = Options.CreateRingBuilder().Build(shards);
        var statuses = shards.Select(static s => new ShardStatus(s.Addr, true, 10)).ToArray();
        var owner = ring.GetOwner(Keys[0]);
        statuses[owner] = statuses[owner] with { Since = 90, RunId = "x" };
        var history = new TopologyHistory(5, [new EarlierTopology(20, Options, [shards[1 - owner]])]);

        Assert.Null(WarmSource.Find(new ClusterView(ring, true, 1, history, 1, statuses.ToDictionary(static s => s.Addr)), Keys[0], owner));
    }

    // What the cluster published, in order; each event has a greater stamp than all before.
    private static List<ClusterView> Play((int Kind, int Shard, int Other)[] events)
    {
        var shards = new List<Shard> { new("s0", ":0"), new("s1", ":1"), new("s2", ":2") };
        var statuses = shards.ToImmutableDictionary(static s => s.Addr, static s => new ShardStatus(s.Addr, true, 10) { Died = 0, Under = 5 });
        var history = new TopologyHistory(5, []);
        var stamp = 10L;
        List<ClusterView> views = [];
        Publish();
        foreach (var (kind, at, other) in events)
        {
            stamp += 10;
            var addr = shards[at % shards.Count].Addr;
            var status = statuses.GetValueOrDefault(addr);
            if (kind < 30)
            {
                statuses = statuses.SetItem(addr, new ShardStatus(addr, false, stamp));
            }
            else if (kind < 65)
            {
                statuses = status is { Alive: true } ? statuses : statuses.SetItem(addr, new ShardStatus(addr, true, stamp) { Died = status?.Since ?? 0, Under = history.Newest });
            }
            else if (kind < 72)
            {
                statuses = status is { Alive: true } ? statuses.SetItem(addr, status with { Since = stamp, Died = null, Under = null }) : statuses;
            }
            else
            {
                var before = new EarlierTopology(stamp, Options, [.. shards], statuses.Values.Max(static s => s.Since));
                Change(kind, at, other);
                history = shards.SequenceEqual(before.Shards) ? history : new TopologyHistory(history.Floor, [before, .. history.Earlier.Take(3)]);
                if (history.Earlier.Length == 4)
                {
                    history = new TopologyHistory(Math.Max(history.Floor, history.Earlier[3].Ended), [.. history.Earlier.Take(3)]);
                }
            }

            Publish();
        }

        return views;

        void Publish() => views.Add(new ClusterView(Options.CreateRingBuilder().Build(shards), true, views.Count, history, views.Count, statuses));

        void Change(int kind, int at, int other)
        {
            var (i, j) = (at % shards.Count, other % shards.Count);
            if (kind < 80 && shards.All(s => s.Name != $"s{other}" && s.Addr != $":{other}"))
            {
                shards.Add(new Shard($"s{other}", $":{other}"));
            }
            else if (kind < 90 && shards.Count > 1)
            {
                shards.RemoveAt(i);
            }
            else if (i != j)
            {
                (shards[i], shards[j]) = (shards[i] with { Addr = shards[j].Addr }, shards[j] with { Addr = shards[i].Addr });
            }
        }
    }

    private static bool Judge(List<ClusterView> views, byte[] key)
    {
        var last = Served(views[^1], key);
        if (last is not { } now || WarmSource.Find(views[^1], key, views[^1].Route(key, RoutePolicy.Failover).ShardIndex) is not { } source)
        {
            return false;
        }

        var before = views.Select(view => Served(view, key)).OfType<(string Addr, long Epoch)>().Last(served => served != now);
        Assert.Equal(before.Addr, views[^1].Ring.Shards[source.Heir].Addr);
        Assert.Equal(now.Epoch, source.Event);

        // What fell off the history may only make it stricter.
        Assert.True(source.ValidSince >= before.Epoch, $"{source.ValidSince} is below {before.Epoch}");
        Assert.True(source.ValidSince == before.Epoch || source.ValidSince == views[^1].History.Floor);
        return true;
    }

    private static (string Addr, long Epoch)? Served(ClusterView view, byte[] key)
    {
        var route = view.Route(key, RoutePolicy.Failover);
        return route.Outcome == RouteOutcome.Served ? (view.Ring.Shards[route.ShardIndex].Addr, view.ExactValidSince(key, RoutePolicy.Failover)) : null;
    }
}
