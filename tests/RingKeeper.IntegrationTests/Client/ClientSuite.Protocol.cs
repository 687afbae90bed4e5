using System.Text;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

public abstract partial class ClientSuite
{
    [Fact]
    public async Task A_create_can_tell_the_description_of_what_it_made()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);

        var plain = await client.CreateWithStatAsync($"{root}/a", "data"u8.ToArray());
        var numbered = await client.CreateWithStatAsync($"{root}/n-", default, CreateMode.EphemeralSequential);
        var container = await client.CreateWithStatAsync($"{root}/c", default, CreateMode.Container);

        Assert.Equal($"{root}/a", plain.Path);
        Assert.Equal(await client.ExistsAsync($"{root}/a"), plain.Stat);
        Assert.Equal(4, plain.Stat.DataLength);
        Assert.Equal($"{root}/n-0000000001", numbered.Path);
        Assert.Equal(client.Session.SessionId, numbered.Stat.EphemeralOwner);
        Assert.Equal((await client.ExistsAsync($"{root}/c"))!.Value.Czxid, container.Stat.Czxid);
    }

    [Fact]
    public async Task A_container_and_a_znode_with_a_time_to_live_are_created_alone_and_in_a_multi()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);

        Assert.Equal($"{root}/c", await client.CreateAsync($"{root}/c", default, CreateMode.Container));
        Assert.Equal($"{root}/t", (await client.CreateTtlAsync($"{root}/t", "x"u8.ToArray(), TimeSpan.FromHours(1))).Path);
        Assert.Equal($"{root}/s-0000000002", (await client.CreateTtlAsync($"{root}/s-", default, TimeSpan.FromDays(1), sequential: true)).Path);
        var results = await client.MultiAsync(
        [
            ZooKeeperOp.Create($"{root}/c2", default, CreateMode.Container),
            ZooKeeperOp.CreateTtl($"{root}/t2-", "y"u8.ToArray(), TimeSpan.FromMilliseconds(5000), sequential: true),
            ZooKeeperOp.SetData($"{root}/t", "z"u8.ToArray()),
        ]);

        Assert.Equal([$"{root}/c2", $"{root}/t2-0000000004", $"{root}/t"], results.Select(result => result.Path));
        Assert.All(results, result => Assert.NotNull(result.Stat));
        Assert.Equal(5, (await client.GetChildrenAsync(root)).Names.Count);
        Assert.Equal("y", Encoding.UTF8.GetString((await client.GetDataAsync($"{root}/t2-0000000004")).Data));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(1L << 40)]
    public async Task A_time_to_live_out_of_range_is_refused_before_it_is_sent(long milliseconds)
    {
        await using var client = await ConnectAsync();

        var refusal = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.CreateTtlAsync("/t", default, TimeSpan.FromTicks(milliseconds * TimeSpan.TicksPerMillisecond)).AsTask());

        Assert.Contains("from 1 ms to", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_acl_is_replaced_by_whoever_may_and_guarded_by_its_version()
    {
        await using var client = await ConnectAsync();
        await client.AddAuthAsync("digest", "bob:secret"u8.ToArray());
        var root = await CreateRootAsync(client);

        var changed = await client.SetAclAsync(root, Acl.CreatorOnly, version: 0);

        Assert.Equal(1, changed.Aversion);
        Assert.Equal(Acl.Digest("bob", "secret"), Assert.Single((await client.GetAclAsync(root)).Acl));
        await using var stranger = await ConnectAsync();

        // Of an ensemble, its server may be behind.
        await stranger.SyncAsync(root);
        Assert.Equal(ZooKeeperErrorCode.NoAuth, (await FailureOf(stranger.GetDataAsync(root).AsTask())).Code);
        Assert.Equal(ZooKeeperErrorCode.NoAuth, (await FailureOf(stranger.SetAclAsync(root, Acl.OpenToWorld).AsTask())).Code);
        Assert.Equal(ZooKeeperErrorCode.BadVersion, (await FailureOf(client.SetAclAsync(root, Acl.OpenToWorld, version: 0).AsTask())).Code);
        Assert.Equal(ZooKeeperErrorCode.InvalidAcl, (await FailureOf(client.SetAclAsync(root, []).AsTask())).Code);
        await client.SetAclAsync(root, Acl.OpenToWorld);
        await stranger.SyncAsync(root);
        Assert.Empty((await stranger.GetDataAsync(root)).Data);
    }

    [Fact]
    public async Task Many_reads_are_answered_at_once_and_each_fails_by_itself()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/a", "one"u8.ToArray());

        var results = await client.MultiReadAsync(
            [ZooKeeperRead.GetData($"{root}/a"), ZooKeeperRead.GetData($"{root}/none"), ZooKeeperRead.GetChildren(root), ZooKeeperRead.GetChildren($"{root}/none")]);

        Assert.Equal([true, false, true, false], results.Select(result => result.IsSuccess));
        Assert.Equal("one", Encoding.UTF8.GetString(results[0].Data.Data));
        Assert.Equal(3, results[0].Data.Stat.DataLength);
        Assert.Equal(["a"], results[2].Names);
        Assert.Equal(ZooKeeperErrorCode.NoNode, results[1].Code);
        Assert.Equal($"{root}/none", Assert.Throws<ZooKeeperException>(() => results[1].Data).Path);
        Assert.Throws<ZooKeeperException>(() => results[3].Names);
        Assert.Throws<InvalidOperationException>(() => results[2].Data);
        Assert.Throws<InvalidOperationException>(() => results[0].Names);
        Assert.Empty(await client.MultiReadAsync([]));
    }

    [Fact]
    public async Task Own_ephemerals_are_listed_descendants_counted_and_the_identity_told()
    {
        await using var outside = await ConnectAsync();
        var root = await CreateRootAsync(outside);
        await outside.CreateAsync($"{root}x", default, CreateMode.Ephemeral);
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = $"{Server.ConnectString}{root}", DigestCredentials = "bob:secret" });
        await client.CreateAsync("/a", default);
        foreach (var path in (string[])["/a/one", "/ab", "/b"])
        {
            await client.CreateAsync(path, default, CreateMode.Ephemeral);
        }

        Assert.Equal(["/a/one", "/ab", "/b"], (await client.GetEphemeralsAsync()).Order());
        Assert.Equal(["/a/one", "/ab"], (await client.GetEphemeralsAsync("/a")).Order());
        Assert.Equal([$"{root}x"], (await outside.GetEphemeralsAsync()).Where(path => path.StartsWith(root, StringComparison.Ordinal)));
        Assert.Equal(4, await client.CountDescendantsAsync("/"));
        Assert.Equal(1, await client.CountDescendantsAsync("/a"));
        Assert.Equal(ZooKeeperErrorCode.NoNode, (await FailureOf(client.CountDescendantsAsync("/none").AsTask())).Code);
        var identities = await client.WhoAmIAsync();
        Assert.Contains(identities, identity => identity is { Scheme: "ip", User: "127.0.0.1" });
        Assert.Contains(identities, identity => identity.Scheme == "digest" && identity.User.StartsWith("bob", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_server_tells_whether_a_path_is_watched()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        Assert.False(await client.HasWatchAsync(root));

        await client.GetDataAndWatchAsync(root);
        Assert.True(await client.HasWatchAsync(root));
        Assert.True(await client.HasWatchAsync(root, WatcherKind.Data));
        Assert.False(await client.HasWatchAsync(root, WatcherKind.Children));
        var tooOld = await Assert.ThrowsAsync<ZooKeeperServerTooOldException>(() => client.HasWatchAsync(root, WatcherKind.Persistent).AsTask());

        Assert.Equal("3.9.0", tooOld.FirstVersion);
        await client.SetDataAsync(root, "x"u8.ToArray());
        Assert.False(await client.HasWatchAsync(root));
    }

    [Fact]
    public async Task Removing_the_watches_of_a_path_ends_all_of_them_and_no_later_one()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/a", default);
        await using var persistent = await client.WatchAsync(root, WatchMode.Persistent);
        await using var events = new EventReader(persistent);
        var (_, dataChanged) = await client.GetDataAndWatchAsync(root);
        var (_, other) = await client.GetDataAndWatchAsync($"{root}/a");

        // Asked for before the answer to the removal: it comes after.
        var removing = client.RemoveWatchesAsync(root);
        var after = client.GetDataAndWatchAsync(root);

        Assert.True(await removing);
        Assert.Equal(Event(WatchedEventType.Removed, root), await dataChanged.WaitAsync(Patience, TimeProvider.System));
        Assert.Equal(Event(WatchedEventType.Removed, root), await events.NextAsync());
        Assert.True(await events.HasEndedAsync());
        Assert.False(other.IsCompleted);
        var (_, later) = await after;
        Assert.True(await client.HasWatchAsync(root, WatcherKind.Data));
        Assert.False(await client.HasWatchAsync(root, WatcherKind.Children));
        await client.SetDataAsync(root, "x"u8.ToArray());
        Assert.Equal(WatchedEventType.NodeDataChanged, (await later.WaitAsync(Patience, TimeProvider.System)).Type);
        Assert.False(await client.RemoveWatchesAsync($"{root}/none"));
    }

    [Fact]
    public async Task Removed_watches_are_not_set_again_after_a_reconnect()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ConnectAsync(proxy);
        await using var session = new SessionReader(client);
        await session.UntilAsync(SessionState.Connected);
        var root = await CreateRootAsync(client);
        await using var subscription = await client.WatchAsync(root, WatchMode.PersistentRecursive);
        await client.GetDataAndWatchAsync(root);

        Assert.True(await client.RemoveWatchesAsync(root));
        await proxy.CutAllAsync();

        await session.UntilAsync(SessionState.Connected);
        Assert.False(await client.HasWatchAsync(root));
    }

    [Fact]
    public async Task The_configuration_names_the_members_of_an_ensemble_and_is_watched_past_a_chroot()
    {
        await using var outside = await ConnectAsync();
        var root = await CreateRootAsync(outside);
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = $"{Server.ConnectString}{root}" });

        Assert.Equal(Server.Size == 1 ? 0 : Server.Size, (await client.GetConfigAsync()).Members.Count);
        var (config, changed) = await client.GetConfigAndWatchAsync();

        Assert.Equal(Server.Size == 1, config.Version == -1);
        Assert.False(changed.IsCompleted);
        var failure = await FailureOf(client.ReconfigAsync(joining: ["server.9=127.0.0.1:1:2:observer;3"]).AsTask());
        Assert.Equal(ZooKeeperErrorCode.ReconfigDisabled, failure.Code);
        Assert.Contains("reconfigEnabled=true", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => client.ReconfigAsync().AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => client.ReconfigAsync(leaving: [1], newMembers: ["x"]).AsTask());
    }

    [Fact]
    public async Task A_server_is_asked_about_itself_without_a_session()
    {
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = Server.ConnectString.Split(',')[0] });
        await client.SyncAsync("/");
        var one = Server.ConnectString.Split(',')[0];
        Assert.True(await ZooKeeperServer.IsAliveAsync(one));
        Assert.Equal(ZooKeeperServerMode.ReadWrite, await ZooKeeperServer.GetModeAsync(one));
        var statistics = await ZooKeeperServer.GetStatisticsAsync(one);

        Assert.Equal("3.8.0", statistics.Version);
        Assert.Contains(statistics.Mode, Server.Size == 1 ? ["standalone"] : (string[])["leader", "follower"]);
        Assert.True(statistics is { Zxid: >= 0, Connections: >= 0, NodeCount: > 0, Received: > 0 }, statistics.Text);
        await Assert.ThrowsAsync<ArgumentException>(() => ZooKeeperServer.IsAliveAsync("a:1,b:2"));
    }
}
