using System.Text;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>What managers write and refuse, to the byte; the same on every stack.</summary>
public abstract class ManagerSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    private static readonly Shard[] Shards = [new("a", "127.0.0.1:1"), new("b", ":2")];

    private readonly TStack _stack = new();
    private ZooKeeperClient _zooKeeper = null!;

    public async ValueTask InitializeAsync()
    {
        await _stack.StartEmptyAsync();
        _zooKeeper = await _stack.ConnectToZooKeeperAsync();
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _stack.DisposeAsync();
    }

    [Fact]
    public async Task Create_writes_the_znodes_of_the_Go_package_in_one_transaction()
    {
        var created = await _stack.Manager.CreateClusterAsync("x", Shards, new ZKClusterOptions { RingParams = "4" }, Cancel.Soon);

        Assert.Equal("goreclusters", await TextAsync("/goreclusters"));
        Assert.Equal("""[{"Name":"a","Addr":"127.0.0.1:1"},{"Name":"b","Addr":":2"}]""", await TextAsync("/goreclusters/x/shards"));
        Assert.Equal("""{"FailoverEnabled":true,"RingType":"Consistent","RingParams":"4"}""", await TextAsync("/goreclusters/x/options"));
        Assert.Equal($"{created.Version}", await TextAsync("/goreclusters/x"));
        Assert.Equal(16, (await TextAsync("/goreclusters/x")).Length);
        var (cluster, shards) = (await StatAsync("/goreclusters/x"), await StatAsync("/goreclusters/x/shards"));
        Assert.Equal(cluster.Czxid, shards.Czxid);
        Assert.Equal((0, 3, 0L), (cluster.Version, cluster.NumChildren, cluster.EphemeralOwner));
        Assert.Equal(cluster.Czxid, (await StatAsync("/goreclusters/x/history")).Czxid);
        Assert.Equal(["history", "options", "shards"], (await _zooKeeper.GetChildrenAsync("/goreclusters/x", Cancel.Soon)).Names.Order());
    }

    [Fact]
    public async Task Create_refuses_a_cluster_that_exists_even_half_made_and_changes_nothing()
    {
        await _stack.Manager.CreateClusterAsync("x", Shards, cancellationToken: Cancel.Soon);
        var before = await StatAsync("/goreclusters/x/shards");
        var refusal = await Assert.ThrowsAsync<RingKeeperException>(() => _stack.Manager.CreateClusterAsync("x", Shards, cancellationToken: Cancel.Soon));
        Assert.Contains("'x'", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await StatAsync("/goreclusters/x/shards"));

        await _zooKeeper.CreateAsync("/goreclusters/half", "1"u8.ToArray(), cancellationToken: Cancel.Soon);
        await Assert.ThrowsAsync<RingKeeperException>(() => _stack.Manager.CreateClusterAsync("half", Shards, cancellationToken: Cancel.Soon));
        var unread = await Assert.ThrowsAsync<RingKeeperException>(() => _stack.Manager.GetClusterAsync("half", Cancel.Soon));
        Assert.Contains("half-made", unread.Message, StringComparison.Ordinal);
        Assert.Equal("x", Assert.Single(await _stack.Manager.GetClustersAsync(Cancel.Soon)).Name);
        await _stack.Manager.DeleteClusterAsync("half", cancellationToken: Cancel.Soon);
        Assert.Equal(["x"], await _stack.Manager.GetNamesAsync(Cancel.Soon));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Nothing_is_written_for_input_that_is_refused()
    {
        await Assert.ThrowsAsync<RingKeeperException>(() => _stack.Manager.CreateClusterAsync("a b", Shards, cancellationToken: Cancel.Soon));
        await Assert.ThrowsAsync<RingKeeperException>(() => _stack.Manager.CreateClusterAsync("x", [Shards[0], Shards[0]], cancellationToken: Cancel.Soon));
        await Assert.ThrowsAsync<RingKeeperException>(() => _stack.Manager.CreateClusterAsync("x", Shards, new ZKClusterOptions { RingParams = "-1" }, Cancel.Soon));
        Assert.Empty(await _stack.Manager.GetNamesAsync(Cancel.Soon));
    }

    [Fact]
    public async Task Update_is_one_transaction_with_a_later_stamp()
    {
        var created = await _stack.Manager.CreateClusterAsync("x", Shards, cancellationToken: Cancel.Soon);
        var updated = await _stack.Manager.UpdateClusterAsync(created with { Shards = [.. Shards, new Shard("c", "127.0.0.1:3")] }, Cancel.Soon);

        Assert.True(updated.Version >= created.Version + 1_000_000);
        Assert.Equal(3, updated.Shards.Count);
        Assert.Equal((await StatAsync("/goreclusters/x")).Mzxid, (await StatAsync("/goreclusters/x/shards")).Mzxid);
    }

    [Fact]
    public async Task Of_two_managers_that_read_the_same_revision_one_is_refused()
    {
        var read = await _stack.Manager.CreateClusterAsync("x", Shards, cancellationToken: Cancel.Soon);
        await _stack.Manager.UpdateClusterAsync(read with { Shards = [.. Shards, new Shard("first", "127.0.0.1:3")] }, Cancel.Soon);

        await Assert.ThrowsAsync<RingKeeperException>(
            () => _stack.Manager.UpdateClusterAsync(read with { Shards = [.. Shards, new Shard("second", "127.0.0.1:4")] }, Cancel.Soon));
        Assert.Equal("first", (await _stack.Manager.GetClusterAsync("x", Cancel.Soon)).Shards[2].Name);
    }

    [Fact]
    public async Task A_cluster_deleted_and_made_anew_is_not_updated_by_who_read_the_old_one()
    {
        var read = await _stack.Manager.CreateClusterAsync("x", Shards, cancellationToken: Cancel.Soon);
        await _stack.Manager.DeleteClusterAsync("x", cancellationToken: Cancel.Soon);
        await _stack.Manager.CreateClusterAsync("x", Shards, cancellationToken: Cancel.Soon);

        await Assert.ThrowsAsync<RingKeeperException>(() => _stack.Manager.UpdateClusterAsync(read, Cancel.Soon));
    }

    [Fact]
    public async Task The_stamp_of_an_update_is_above_every_Since_of_the_status()
    {
        var read = await _stack.Manager.CreateClusterAsync("x", Shards, cancellationToken: Cancel.Soon);
        var ahead = read.Version + 3_600_000_000;
        await _zooKeeper.CreateAsync("/goreclusters/x/status", Encoding.UTF8.GetBytes($$$"""{":2":{"Addr":":2","Alive":true,"Since":{{{ahead}}}}}"""), cancellationToken: Cancel.Soon);

        var updated = await _stack.Manager.UpdateClusterAsync(read, Cancel.Soon);

        Assert.Equal(ahead + 1_000_000, updated.Version);
    }

    [Fact]
    public async Task Fields_that_this_version_does_not_know_survive_an_update()
    {
        var read = await _stack.Manager.CreateClusterAsync("x", Shards, cancellationToken: Cancel.Soon);
        await _zooKeeper.SetDataAsync("/goreclusters/x/options", """{"FailoverEnabled":true,"RingType":"Consistent","RingParams":"4","Later":{"a":1}}"""u8.ToArray(), cancellationToken: Cancel.Soon);
        await _zooKeeper.SetDataAsync("/goreclusters/x/shards", """[{"Name":"a","Addr":":1","Rack":"r1"},{"Name":"b","Addr":":2"}]"""u8.ToArray(), cancellationToken: Cancel.Soon);

        // Newer than the cluster's own node: read once a Go manager would have written that too.
        await _zooKeeper.SetDataAsync("/goreclusters/x", Encoding.ASCII.GetBytes($"{read.Version + 1}"), cancellationToken: Cancel.Soon);
        var present = await _stack.Manager.GetClusterAsync("x", Cancel.Soon);
        await _stack.Manager.UpdateClusterAsync(present with { Shards = [.. present.Shards, new Shard("c", ":3")] }, Cancel.Soon);

        Assert.Equal("""[{"Name":"a","Addr":":1","Rack":"r1"},{"Name":"b","Addr":":2"},{"Name":"c","Addr":":3"}]""", await TextAsync("/goreclusters/x/shards"));
        Assert.Contains("\"Later\":{\"a\":1}", await TextAsync("/goreclusters/x/options"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_cluster_is_told_with_those_there_are()
    {
        await _stack.Manager.CreateClusterAsync("here", Shards, cancellationToken: Cancel.Soon);
        foreach (var act in new Func<Task>[]
        {
            () => _stack.Manager.GetClusterAsync("nope", Cancel.Soon),
            () => _stack.Manager.DeleteClusterAsync("nope", cancellationToken: Cancel.Soon),
            () => ZKCluster.ConnectAsync(_stack.ZKServers, "nope", Cancel.Soon),
            () => ZKChecker.ConnectAsync(new ZKCheckerOptions { ZKServers = _stack.ZKServers, ClusterName = "nope" }, Cancel.Soon),
        })
        {
            var e = await Assert.ThrowsAsync<RingKeeperException>(act);
            Assert.Contains("'nope'", e.Message, StringComparison.Ordinal);
            Assert.Contains("here", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_wrong_chroot_is_named()
    {
        var e = await Assert.ThrowsAsync<ZooKeeperException>(() => ZKCluster.ConnectAsync($"{_stack.ZKServers}/nowhere", "x", Cancel.Soon));
        Assert.Contains("/nowhere", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shards_that_do_not_parse_are_told_with_their_znode()
    {
        await _stack.Manager.CreateClusterAsync("x", Shards, cancellationToken: Cancel.Soon);
        await _zooKeeper.SetDataAsync("/goreclusters/x/shards", "[{\"Name\":\"a\"}]"u8.ToArray(), cancellationToken: Cancel.Soon);
        await _zooKeeper.SetDataAsync("/goreclusters/x", "5"u8.ToArray(), cancellationToken: Cancel.Soon);
        Assert.Contains("/goreclusters/x/shards", (await Assert.ThrowsAsync<RingKeeperException>(() => _stack.Manager.GetClusterAsync("x", Cancel.Soon))).Message, StringComparison.Ordinal);

        await _zooKeeper.SetDataAsync("/goreclusters/x/shards", "{oops"u8.ToArray(), cancellationToken: Cancel.Soon);
        await _zooKeeper.SetDataAsync("/goreclusters/x", "6"u8.ToArray(), cancellationToken: Cancel.Soon);
        Assert.Contains("/goreclusters/x/shards", (await Assert.ThrowsAsync<RingKeeperException>(() => ZKCluster.ConnectAsync(_stack.ZKServers, "x", Cancel.Soon))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ZooKeeper_out_of_reach_is_told_with_the_address_that_was_tried()
    {
        await _stack.StopZooKeeperAsync();
        var options = _stack.ConnectorOptions() with { StartTimeout = TimeSpan.FromMilliseconds(300) };

        var e = await Assert.ThrowsAsync<ZooKeeperException>(() => ZKManager.ConnectAsync(options, Cancel.Soon));

        Assert.Equal((ZooKeeperErrorCode.ConnectionLoss, OperationOutcome.NotSent), (e.Code, e.Outcome));
        Assert.Contains(_stack.ZKServers, e.Message, StringComparison.Ordinal);
        await _stack.RestartZooKeeperAsync();
    }

    private async Task<string> TextAsync(string path) => Encoding.UTF8.GetString((await _zooKeeper.GetDataAsync(path, Cancel.Soon)).Data);

    private async Task<Stat> StatAsync(string path) => (await _zooKeeper.ExistsAsync(path, Cancel.Soon))!.Value;
}

public sealed class EmbeddedManagerTests : ManagerSuite<EmbeddedStack>;

public sealed class RealManagerTests : ManagerSuite<RealStack>;
