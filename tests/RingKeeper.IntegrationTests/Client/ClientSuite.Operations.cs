using System.Text;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

public abstract partial class ClientSuite
{
    [Fact]
    public async Task A_znode_is_created_read_changed_listed_and_deleted()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var data = "first"u8.ToArray();

        Assert.Equal($"{root}/a", await client.CreateAsync($"{root}/a", data));
        var created = await client.GetDataAsync($"{root}/a");
        Assert.Equal("first", Encoding.UTF8.GetString(created.Data));
        Assert.Equal(0, created.Stat.Version);
        Assert.Equal(created.Stat.Czxid, created.Stat.Mzxid);

        var changed = await client.SetDataAsync($"{root}/a", "second"u8.ToArray(), version: 0);
        Assert.Equal(1, changed.Version);
        Assert.Equal(6, changed.DataLength);
        Assert.True(changed.Mzxid > changed.Czxid);
        Assert.Equal(changed, await client.ExistsAsync($"{root}/a"));

        var listed = await client.GetChildrenAsync(root);
        Assert.Equal(["a"], listed.Names);
        Assert.Equal(1, listed.Stat.NumChildren);

        await client.DeleteAsync($"{root}/a", version: 1);
        Assert.Null(await client.ExistsAsync($"{root}/a"));
        Assert.Empty((await client.GetChildrenAsync(root)).Names);
    }

    [Fact]
    public async Task A_znode_without_data_reads_as_empty()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);

        var node = await client.GetDataAsync(root);

        Assert.Empty(node.Data);
        Assert.Equal(0, node.Stat.DataLength);
    }

    [Fact]
    public async Task Data_larger_than_any_buffer_makes_the_round_trip()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var data = new byte[1_000_000];
        new Random(1).NextBytes(data);

        await client.SetDataAsync(root, data);

        Assert.Equal(data, (await client.GetDataAsync(root)).Data);
    }

    [Fact]
    public async Task Refused_operations_say_why()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/ephemeral", default, CreateMode.Ephemeral);

        await AssertRefusedAsync(client.GetDataAsync($"{root}/none").AsTask(), ZooKeeperErrorCode.NoNode, $"{root}/none");
        await AssertRefusedAsync(client.GetChildrenAsync($"{root}/none").AsTask(), ZooKeeperErrorCode.NoNode, $"{root}/none");
        await AssertRefusedAsync(client.GetDataAndWatchAsync($"{root}/none").AsTask(), ZooKeeperErrorCode.NoNode, $"{root}/none");
        await AssertRefusedAsync(client.SetDataAsync($"{root}/none", default).AsTask(), ZooKeeperErrorCode.NoNode, $"{root}/none");
        await AssertRefusedAsync(client.DeleteAsync($"{root}/none").AsTask(), ZooKeeperErrorCode.NoNode, $"{root}/none");
        await AssertRefusedAsync(client.CreateAsync($"{root}/none/a", default).AsTask(), ZooKeeperErrorCode.NoNode, $"{root}/none/a");
        await AssertRefusedAsync(client.CreateAsync(root, default).AsTask(), ZooKeeperErrorCode.NodeExists, root);
        await AssertRefusedAsync(client.SetDataAsync(root, default, version: 7).AsTask(), ZooKeeperErrorCode.BadVersion, root);
        await AssertRefusedAsync(client.DeleteAsync(root, version: 7).AsTask(), ZooKeeperErrorCode.BadVersion, root);
        await AssertRefusedAsync(client.DeleteAsync(root).AsTask(), ZooKeeperErrorCode.NotEmpty, root);
        await AssertRefusedAsync(client.CreateAsync($"{root}/ephemeral/a", default).AsTask(), ZooKeeperErrorCode.NoChildrenForEphemerals, $"{root}/ephemeral/a");
        await AssertRefusedAsync(client.CreateAsync($"{root}/b", default, acl: []).AsTask(), ZooKeeperErrorCode.InvalidAcl, $"{root}/b");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("/a/")]
    [InlineData("/a//b")]
    [InlineData("/a/../b")]
    [InlineData("/a\u0000")]
    public async Task An_invalid_path_is_refused_without_asking_the_server(string path)
    {
        await using var client = await ConnectAsync();

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => client.GetDataAsync(path).AsTask());

        Assert.Contains($"'{path}'", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.GetDataAsync(null!).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => client.MultiAsync([ZooKeeperOp.Check(path)]).AsTask());
    }

    [Fact]
    public async Task Sequential_znodes_are_numbered_in_order()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);

        var first = await client.CreateAsync($"{root}/n-", default, CreateMode.PersistentSequential);
        var second = await client.CreateAsync($"{root}/n-", default, CreateMode.EphemeralSequential);
        var bare = await client.CreateAsync($"{root}/", default, CreateMode.PersistentSequential);

        Assert.Equal($"{root}/n-0000000000", first);
        Assert.Equal($"{root}/n-0000000001", second);
        Assert.Equal($"{root}/0000000002", bare);
        Assert.Equal(client.Session.SessionId, (await client.ExistsAsync(second))!.Value.EphemeralOwner);
    }

    [Fact]
    public async Task A_multi_applies_all_its_operations()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/old", default);

        var results = await client.MultiAsync(
        [
            ZooKeeperOp.Check(root, version: 0),
            ZooKeeperOp.Create($"{root}/n-", "x"u8.ToArray(), CreateMode.PersistentSequential),
            ZooKeeperOp.SetData(root, "y"u8.ToArray()),
            ZooKeeperOp.Delete($"{root}/old"),
        ]);

        Assert.Equal([root, $"{root}/n-0000000001", root, $"{root}/old"], results.Select(r => r.Path));
        Assert.Equal(1, results[2].Stat!.Value.Version);
        Assert.Equal(["n-0000000001"], (await client.GetChildrenAsync(root)).Names);
        Assert.Empty(await client.MultiAsync([]));
    }

    [Fact]
    public async Task A_refused_multi_applies_nothing_and_names_the_culprit()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);

        var refusal = await Assert.ThrowsAsync<ZooKeeperMultiException>(() => client.MultiAsync(
        [
            ZooKeeperOp.Create($"{root}/a", default),
            ZooKeeperOp.Check(root, version: 5),
            ZooKeeperOp.Create($"{root}/b", default),
        ]).AsTask());

        Assert.Equal(1, refusal.FailedIndex);
        Assert.Equal(ZooKeeperErrorCode.BadVersion, refusal.Code);
        Assert.Equal(root, refusal.Path);
        Assert.Equal(OperationOutcome.Refused, refusal.Outcome);
        Assert.Empty((await client.GetChildrenAsync(root)).Names);
    }

    [Fact]
    public async Task Digest_credentials_keep_strangers_out()
    {
        await using var owner = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { DigestCredentials = "bob:secret", DefaultAcl = Acl.CreatorOnly });
        await using var stranger = await ConnectAsync();
        var root = await CreateRootAsync(owner);
        await stranger.SyncAsync(root);

        await AssertRefusedAsync(stranger.GetDataAsync(root).AsTask(), ZooKeeperErrorCode.NoAuth, root);
        await AssertRefusedAsync(stranger.CreateAsync($"{root}/a", default).AsTask(), ZooKeeperErrorCode.NoAuth, $"{root}/a");

        await owner.SetDataAsync(root, "mine"u8.ToArray());
        await stranger.AddAuthAsync("digest", "bob:secret"u8.ToArray());
        await stranger.SyncAsync(root);
        Assert.Equal("mine", Encoding.UTF8.GetString((await stranger.GetDataAsync(root)).Data));
    }

    [Fact]
    public async Task The_access_control_list_of_a_znode_is_read_and_its_digests_show_to_its_owner_alone()
    {
        await using var owner = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { DigestCredentials = "bob:secret", DefaultAcl = Acl.CreatorOnly });
        await using var stranger = await ConnectAsync();
        var open = await CreateRootAsync(stranger);
        var root = await CreateRootAsync(owner);
        await owner.CreateAsync($"{root}/shown", default, acl: [.. Acl.CreatorOnly, new Acl(AclPermissions.Read, "world", "anyone")]);
        await stranger.SyncAsync(root);

        var acl = await owner.GetAclAsync(root);

        Assert.Equal([Acl.Digest("bob", "secret")], acl.Acl);
        Assert.Equal(await owner.ExistsAsync(root), acl.Stat);
        Assert.Equal(Acl.OpenToWorld, (await stranger.GetAclAsync(open)).Acl);
        Assert.Contains(new Acl(AclPermissions.All, "digest", "bob:x"), (await stranger.GetAclAsync($"{root}/shown")).Acl);
        await AssertRefusedAsync(stranger.GetAclAsync(root).AsTask(), ZooKeeperErrorCode.NoAuth, root);
        await AssertRefusedAsync(stranger.GetAclAsync($"{root}/none").AsTask(), ZooKeeperErrorCode.NoNode, $"{root}/none");
    }

    [Fact]
    public async Task A_refusal_names_the_znode_that_rules_and_tells_wrong_credentials_from_none()
    {
        await using var owner = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { DigestCredentials = "bob:secret", DefaultAcl = Acl.CreatorOnly });
        await using var nobody = await ConnectAsync();
        await using var wrong = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { DigestCredentials = "bob:hunter2" });
        var root = await CreateRootAsync(owner);

        foreach (var (client, why) in new[] { (nobody, $"the znode {root} is closed to sessions without credentials"), (wrong, $"these credentials are not those that the znode {root} was created for") })
        {
            await client.SyncAsync(root);
            foreach (var refused in new Task[]
            {
                client.GetDataAsync(root).AsTask(),
                client.CreateAsync($"{root}/a", default).AsTask(),
                client.MultiAsync([ZooKeeperOp.SetData(root, default)]).AsTask(),
                client.MultiAsync([ZooKeeperOp.Create($"{root}/a", default)]).AsTask(),
            })
            {
                var refusal = await FailureOf(refused);
                Assert.Equal(ZooKeeperErrorCode.NoAuth, refusal.Code);
                Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
                Assert.DoesNotContain("hunter2", refusal.ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Refused_credentials_end_the_client_and_everybody_is_told()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var watched = await client.GetDataAndWatchAsync(root);
        await using var session = new SessionReader(client);

        var refusal = await FailureOf(client.AddAuthAsync("no-such-scheme", "x"u8.ToArray()).AsTask());

        Assert.Equal(ZooKeeperErrorCode.AuthFailed, refusal.Code);
        await session.UntilAsync(SessionState.AuthFailed);
        Assert.Equal(WatchedEventType.Closed, (await watched.Changed.WaitAsync(Patience, TimeProvider.System)).Type);
        Assert.Equal(ZooKeeperErrorCode.AuthFailed, (await FailureOf(client.GetDataAsync(root).AsTask())).Code);
    }

    [Fact]
    public async Task A_request_over_the_frame_limit_is_refused_here_and_the_connection_stays()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await using var session = new SessionReader(client);

        var refusal = await FailureOf(client.SetDataAsync(root, new byte[1_048_576]).AsTask());

        Assert.Equal(OperationOutcome.Refused, refusal.Outcome);
        Assert.Contains(root, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("1048575", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(await client.ExistsAsync(root));
        await client.DisposeAsync();
        await session.UntilAsync(SessionState.Closed);
        Assert.DoesNotContain(SessionState.Suspended, session.Seen);
    }

    [Fact]
    public async Task Two_hundred_callers_at_once_get_their_own_answers()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            var data = Encoding.UTF8.GetBytes($"value {i}");
            var path = await client.CreateAsync($"{root}/{i}", data);
            Assert.Equal(data, (await client.GetDataAsync(path)).Data);
            Assert.Equal(1, (await client.SetDataAsync(path, data)).Version);
            Assert.Equal(1, (await client.ExistsAsync(path))!.Value.Version);
        })).WaitAsync(Patience, TimeProvider.System);

        await client.SyncAsync(root);
        Assert.Equal(200, (await client.GetChildrenAsync(root)).Names.Count);
    }

    [Fact]
    public async Task Requests_of_one_caller_are_executed_in_order_without_awaiting_each()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);

        var create = client.CreateAsync($"{root}/a", default);
        var changes = Enumerable.Range(0, 50).Select(version => client.SetDataAsync($"{root}/a", default, version).AsTask()).ToList();
        var read = client.GetDataAsync($"{root}/a");

        await create;
        Assert.Equal(Enumerable.Range(1, 50), (await Task.WhenAll(changes)).Select(s => s.Version));
        Assert.Equal(50, (await read).Stat.Version);
    }

    [Fact]
    public async Task The_session_timeout_is_the_one_the_server_grants()
    {
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { SessionTimeout = TimeSpan.FromHours(1) });

        Assert.Equal(SessionState.Connected, client.Session.State);
        Assert.Equal(TimeSpan.FromSeconds(4), client.Session.NegotiatedTimeout);
        Assert.Equal(1, client.Session.Epoch);
        Assert.NotEqual(0, client.Session.SessionId);
        Assert.Contains(client.Session.Server, Server.ConnectString.Split(','));
    }

    [Fact]
    public async Task A_chroot_confines_paths_results_and_events()
    {
        await using var outside = await ConnectAsync();
        var root = await CreateRootAsync(outside);
        await using var inside = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = Server.ConnectString + root });
        await using var subscription = await inside.WatchAsync("/", WatchMode.PersistentRecursive);
        await using var events = new EventReader(subscription);
        var children = await inside.GetChildrenAndWatchAsync("/");

        Assert.Equal("/a", await inside.CreateAsync("/a", default));
        Assert.Equal("/n-0000000001", await inside.CreateAsync("/n-", default, CreateMode.PersistentSequential));
        Assert.Equal("/b", (await inside.MultiAsync([ZooKeeperOp.Create("/b", default)]))[0].Path);
        await outside.SetDataAsync(root, default);
        await inside.SyncAsync("/");
        await outside.SyncAsync(root);

        Assert.Equal(["a", "b", "n-0000000001"], (await outside.GetChildrenAsync(root)).Names.Order(StringComparer.Ordinal));
        Assert.Equal(Event(WatchedEventType.NodeChildrenChanged, "/"), await children.Changed.WaitAsync(Patience, TimeProvider.System));
        Assert.Equal(
            [
                Event(WatchedEventType.NodeCreated, "/a"),
                Event(WatchedEventType.NodeCreated, "/n-0000000001"),
                Event(WatchedEventType.NodeCreated, "/b"),
                Event(WatchedEventType.NodeDataChanged, "/"),
            ],
            await events.NextAsync(4));
        var refusal = await FailureOf(inside.GetDataAsync("/none").AsTask());
        Assert.Equal("/none", refusal.Path);
    }

    [Fact]
    public async Task A_missing_chroot_is_named_with_the_remedy()
    {
        var refusal = await FailureOf(ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = Server.ConnectString + "/no/such/root" }));

        Assert.Equal(ZooKeeperErrorCode.NoNode, refusal.Code);
        Assert.Contains("'/no/such/root'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Create this znode", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task AssertRefusedAsync(Task task, ZooKeeperErrorCode code, string path)
    {
        var refusal = await FailureOf(task);
        Assert.Equal(code, refusal.Code);
        Assert.Equal(path, refusal.Path);
        Assert.Equal(OperationOutcome.Refused, refusal.Outcome);
    }

    [Fact]
    public async Task Callers_who_give_up_never_get_or_spoil_the_answer_of_another()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var names = Enumerable.Range(0, 16).Select(i => $"{root}/{i}").ToList();
        foreach (var name in names)
        {
            await client.CreateAsync(name, System.Text.Encoding.UTF8.GetBytes(name));
        }

        const int PerCaller = 500;
        var (answered, cancelled) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            for (var i = 0; i < PerCaller; i++)
            {
                var name = names[random.Next(names.Count)];
                using var patience = new CancellationTokenSource();
                var read = client.GetDataAsync(name, patience.Token);
                if (random.Next(4) == 0)
                {
                    await patience.CancelAsync();
                }

                try
                {
                    Assert.Equal(name, System.Text.Encoding.UTF8.GetString((await read).Data));
                    Interlocked.Increment(ref answered);
                }
                catch (OperationCanceledException) when (patience.IsCancellationRequested)
                {
                    Interlocked.Increment(ref cancelled);
                }
            }
        })));

        Assert.Equal(16 * PerCaller, answered + cancelled);
        Assert.NotEqual(0, cancelled);

        // What was given up keeps its place until its answer, which comes before this one.
        await client.ExistsAsync(root);
        Assert.Equal(0, client.GetHealth().PendingRequests);
    }
}
