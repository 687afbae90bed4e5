using CsCheck;
using RingKeeper.Cli.Documents;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class ClusterDiffTests
{
    private static readonly ClusterDocument Orders = new(
        "orders", new ZKClusterOptions { RingType = RingTypes.Rendezvous, RingParams = "" }, [new("a", "h:1"), new("b", "h:2"), new("c", "h:3")]);

    [Fact]
    public void Equal_clusters_have_no_differences() =>
        Clusters.Any.Sample(cluster => ClusterDiff.Between(cluster, cluster).IsEmpty);

    [Fact]
    public void Applying_an_export_changes_nothing() =>
        Gen.Select(Clusters.Any, Gen.Bool).Sample((cluster, json) =>
            ClusterDiff.Between(cluster, ClusterDocumentReader.Read("f", Clusters.Write(json, cluster))[0]).IsEmpty);

    [Fact]
    public void A_difference_is_seen_exactly_where_the_bytes_differ() =>
        Gen.Select(Clusters.Any, Clusters.Any, Gen.Int[0, 2]).Sample((one, other, mix) =>
        {
            var after = mix switch
            {
                0 => other,
                1 => one with { Shards = [.. one.Shards.Reverse()] },
                _ => one with { Options = other.Options },
            };
            return ClusterDiff.Between(one, after).IsEmpty == (Clusters.Bytes(one) == Clusters.Bytes(after));
        });

    [Fact]
    public void Every_kind_of_change_is_named()
    {
        var after = Orders with
        {
            Options = Orders.Options with { FailoverEnabled = false, HashTag = "{}", Unknown = UnknownFields.None.With("New", "1") },
            Shards = [new("d", "h:4"), new Shard("c", "h:9") { Weight = 2 }, new("a", "h:1")],
        };

        var diff = ClusterDiff.Between(Orders, after);

        Assert.Equal([new("failoverEnabled", "true", "false"), new("hashTag", null, "\"{}\""), new("extra.New", null, "1")], diff.Options);
        Assert.Equal([new("d", "h:4")], diff.Added);
        Assert.Equal([new("b", "h:2")], diff.Removed);
        var changed = Assert.Single(diff.Changed);
        Assert.Equal("c", changed.Name);
        Assert.Equal([new("addr", "\"h:3\"", "\"h:9\""), new("weight", null, "2")], changed.Fields);
        Assert.Equal(["hashTag"], diff.RingOptions);
        Assert.True(diff.IsReordered);
        Assert.False(diff.IsNew);
    }

    [Fact]
    public void A_missing_cluster_is_new_and_all_its_shards_come()
    {
        var diff = ClusterDiff.Between(null, Orders);

        Assert.True(diff.IsNew);
        Assert.False(diff.IsEmpty);
        Assert.Equal(Orders.Shards, diff.Added);
    }

    [Fact]
    public void Shards_that_come_do_not_count_as_a_new_order() =>
        Assert.False(ClusterDiff.Between(Orders, Orders with { Shards = [new("z", "h:26"), .. Orders.Shards] }).IsReordered);

    [Fact]
    public void A_plan_counts_what_moves_only_where_something_changes()
    {
        var present = new ZKClusterInfo("orders", 1, Orders.Options, Orders.Shards);

        Assert.Equal(("none", false), Summary(ClusterPlan.Make(Orders, present)));
        Assert.Equal(("create", false), Summary(ClusterPlan.Make(Orders, null)));
        Assert.Equal(("update", true), Summary(ClusterPlan.Make(Orders with { Shards = [.. Orders.Shards.Skip(1)] }, present)));
        Assert.Equal(("update", true), Summary(ClusterPlan.Make(Orders with { Shards = [.. Orders.Shards.Skip(1), new("a", "h:9")] }, present)));
        Assert.Equal(("update", false), Summary(ClusterPlan.Make(Orders with { Options = Orders.Options with { ExpectedCheckers = 5 } }, present)));
    }

    [Fact]
    public void A_hash_tag_moves_the_keys_that_carry_one()
    {
        var plan = ClusterPlan.Make(Orders with { Options = Orders.Options with { HashTag = "{}" } }, new ZKClusterInfo("orders", 1, Orders.Options, Orders.Shards));

        Assert.InRange(plan.Movement!.Share, 0.32, 0.35);
    }

    [Fact]
    public void A_cluster_without_a_ring_can_be_mended_and_any_of_its_keys_may_move()
    {
        var broken = new ZKClusterInfo("orders", 1, Orders.Options with { RingType = "Consistent", RingParams = "0" }, Orders.Shards);

        var plan = ClusterPlan.Make(Orders, broken);

        Assert.True(plan.MovesKeys);
        Assert.Null(plan.Movement);
        Assert.Contains("RingParams '0'", plan.Uncounted, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_manager_would_refuse_is_refused_before_anything_is_written()
    {
        var flaw = Assert.Throws<RingKeeperException>(() => ClusterPlan.Make(Orders with { Shards = [new("a", "h:1"), new("b", "h:1")], Place = "f, line 3" }, null));

        Assert.StartsWith("f, line 3: cluster 'orders': ", flaw.Message, StringComparison.Ordinal);
        Assert.Throws<RingKeeperException>(() => ClusterPlan.Make(Orders with { Name = "a b" }, null));
    }

    private static (string Action, bool Moves) Summary(ClusterPlan plan) => (plan.Action, plan.MovesKeys);
}
