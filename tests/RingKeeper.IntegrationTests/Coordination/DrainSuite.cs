using System.Text;
using RingKeeper.IntegrationTests.GoFleet;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>Taking shards out of service and putting them back; the same on every stack.</summary>
public abstract class DrainSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    private static readonly Shard[] Shards = [new("a", "127.0.0.1:1"), new("b", ":2")];

    private readonly TStack _stack = new();
    private ZooKeeperClient _zooKeeper = null!;

    private ZKManager Manager => _stack.Manager;

    private string Name => _stack.Name;

    public async ValueTask InitializeAsync()
    {
        await _stack.StartEmptyAsync();
        _zooKeeper = await _stack.ConnectToZooKeeperAsync();
        await Manager.CreateClusterAsync(Name, Shards, cancellationToken: Cancel.Soon);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _stack.DisposeAsync();
    }

    [Fact]
    public async Task A_drain_is_one_field_of_the_shard_and_what_is_so_already_writes_nothing()
    {
        var drained = await Manager.DrainShardAsync(Name, "b", cancellationToken: Cancel.Soon);
        Assert.Equal("""[{"Name":"a","Addr":"127.0.0.1:1"},{"Name":"b","Addr":":2","Drained":true}]""", await TextAsync(ZKPaths.Shards(Name)));
        Assert.Equal(drained.Revision, (await Manager.DrainShardAsync(Name, "b", cancellationToken: Cancel.Soon)).Revision);

        var back = await Manager.UndrainShardAsync(Name, "b", Cancel.Soon);
        Assert.Equal("""[{"Name":"a","Addr":"127.0.0.1:1"},{"Name":"b","Addr":":2"}]""", await TextAsync(ZKPaths.Shards(Name)));
        Assert.True(back.Version > drained.Version);
        Assert.Equal(back.Revision, (await Manager.UndrainShardAsync(Name, "b", Cancel.Soon)).Revision);
    }

    [Fact]
    public async Task A_shard_that_there_is_not_is_named_with_those_there_are()
    {
        foreach (var act in new Func<Task>[] { () => Manager.DrainShardAsync(Name, "nope", cancellationToken: Cancel.Soon), () => Manager.UndrainShardAsync(Name, "nope", Cancel.Soon) })
        {
            var refusal = await Assert.ThrowsAsync<RingKeeperException>(act);
            Assert.Contains("'nope'", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("a, b", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_Go_manager_cannot_lose_a_drain()
    {
        var drained = await Manager.DrainShardAsync(Name, "b", cancellationToken: Cancel.Soon);

        // As Go's update does: shards, options, and the cluster's own node last.
        await Znodes.SetAsync(_zooKeeper, ZKPaths.Shards(Name), """[{"Name":"a","Addr":"127.0.0.1:1"},{"Name":"b","Addr":":2"},{"Name":"c","Addr":":3"}]""");
        await Znodes.SetAsync(_zooKeeper, ZKPaths.Cluster(Name), $"{drained.Version + 1_000_000}");

        var cluster = await Manager.GetClusterAsync(Name, Cancel.Soon);
        Assert.Equal([false, true, false], cluster.Shards.Select(shard => shard.Drained));
        Assert.Equal(["shard 'b': Drained"], cluster.RestoredFields);

        // And it ends when an operator says so, not before.
        Assert.Equal([false, false, false], (await Manager.UndrainShardAsync(Name, "b", Cancel.Soon)).Shards.Select(shard => shard.Drained));
        Assert.Empty((await Manager.GetClusterAsync(Name, Cancel.Soon)).RestoredFields);
    }

    [Fact]
    public async Task While_a_Go_checker_votes_nothing_is_drained_and_what_is_comes_back()
    {
        await Manager.DrainShardAsync(Name, "b", cancellationToken: Cancel.Soon);
        await using var go = await GoVoter.JoinAsync(_stack);

        // It was there before the first decision, so its vote says nothing yet: then it can still not be told what it is.
        await go.VoteAsync(Shards[0].Addr, alive: true);
        var before = await Manager.GetClusterAsync(Name, Cancel.Soon);
        foreach (var act in new Func<Task>[]
        {
            () => Manager.DrainShardAsync(Name, "a", force: true, Cancel.Soon),
            () => Manager.UpdateClusterAsync(before with { Shards = [before.Shards[0] with { Drained = true }, before.Shards[1]] }, Cancel.Soon),
        })
        {
            var refusal = await Assert.ThrowsAsync<RingKeeperException>(act);
            Assert.Contains(go.Node, refusal.Message, StringComparison.Ordinal);
            Assert.Contains("'a'", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before.Revision, (await Manager.GetClusterAsync(Name, Cancel.Soon)).Revision);
        await Manager.UpdateClusterAsync(before with { Shards = [.. before.Shards, new Shard("c", ":3")] }, Cancel.Soon);
        Assert.DoesNotContain((await Manager.UndrainShardAsync(Name, "b", Cancel.Soon)).Shards, shard => shard.Drained);
    }

    [Fact]
    public async Task The_last_shard_alive_is_drained_only_by_force()
    {
        await _zooKeeper.CreateAsync(
            ZKPaths.Status(Name), """{"127.0.0.1:1":{"Addr":"127.0.0.1:1","Alive":true,"Since":5},":2":{"Addr":":2","Alive":false,"Since":5}}"""u8.ToArray(), cancellationToken: Cancel.Soon);

        var refusal = await Assert.ThrowsAsync<RingKeeperException>(() => Manager.DrainShardAsync(Name, "a", cancellationToken: Cancel.Soon));
        Assert.Contains("'a'", refusal.Message, StringComparison.Ordinal);
        await Manager.DrainShardAsync(Name, "b", cancellationToken: Cancel.Soon);
        Assert.Equal([true, true], (await Manager.DrainShardAsync(Name, "a", force: true, Cancel.Soon)).Shards.Select(shard => shard.Drained));
    }

    [Fact]
    public async Task Of_two_operators_at_once_both_drain_or_one_is_told_that_none_would_be_left()
    {
        await Manager.UpdateClusterAsync((await Manager.GetClusterAsync(Name, Cancel.Soon)) with { Shards = [.. Shards, new Shard("c", ":3")] }, Cancel.Soon);
        await using var other = await ZKManager.ConnectAsync(_stack.ConnectorOptions(), Cancel.Soon);

        var drains = new[] { Manager.DrainShardAsync(Name, "a", cancellationToken: Cancel.Soon), other.DrainShardAsync(Name, "b", cancellationToken: Cancel.Soon) };
        await Task.WhenAll(drains);
        Assert.Equal([true, true, false], (await Manager.GetClusterAsync(Name, Cancel.Soon)).Shards.Select(shard => shard.Drained));

        await Assert.ThrowsAsync<RingKeeperException>(() => Manager.DrainShardAsync(Name, "c", cancellationToken: Cancel.Soon));
    }

    [Fact]
    public async Task A_cluster_may_be_created_with_a_drained_shard_so_that_a_copy_brings_it_back_as_it_was()
    {
        var created = await Manager.CreateClusterAsync("copy", [Shards[0], Shards[1] with { Drained = true }], cancellationToken: Cancel.Soon);

        Assert.Equal([false, true], created.Shards.Select(shard => shard.Drained));
    }

    private async Task<string> TextAsync(string path) => Encoding.UTF8.GetString((await _zooKeeper.GetDataAsync(path, Cancel.Soon)).Data);
}

public sealed class EmbeddedDrainTests : DrainSuite<EmbeddedStack>;

public sealed class RealDrainTests : DrainSuite<RealStack>;
