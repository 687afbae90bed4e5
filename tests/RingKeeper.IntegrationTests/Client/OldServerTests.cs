using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>The client against servers that lack operations: the embedded one as 3.4 to 3.7 were. It closes the connection behind -6 as they do.</summary>
public sealed class OldServerTests
{
    [Fact]
    public async Task Every_operation_a_3_4_server_lacks_falls_back_or_names_the_version_that_has_it()
    {
        await using var server = await StartAsync(EmulatedVersion.V34);
        await using var client = await ConnectAsync(server);
        await client.CreateAsync("/a", "one"u8.ToArray());
        await client.CreateAsync("/a/b", default);

        Assert.Equal(3, (await client.CreateWithStatAsync("/c", "two"u8.ToArray())).Stat.DataLength);
        var reads = await client.MultiReadAsync([ZooKeeperRead.GetData("/a"), ZooKeeperRead.GetData("/none"), ZooKeeperRead.GetChildren("/a")]);
        Assert.Equal([ZooKeeperErrorCode.Ok, ZooKeeperErrorCode.NoNode, ZooKeeperErrorCode.Ok], reads.Select(read => read.Code));
        Assert.Equal(["b"], reads[2].Names);
        Assert.Equal(1, await client.CountDescendantsAsync("/a"));
        await TooOldAsync("3.5.3", client.CreateAsync("/d", default, CreateMode.Container).AsTask());
        await TooOldAsync("3.5.3", client.CreateTtlAsync("/d", default, TimeSpan.FromHours(1)).AsTask());
        await TooOldAsync("3.6.0", client.GetEphemeralsAsync().AsTask());
        await TooOldAsync("3.7.0", client.WhoAmIAsync().AsTask());
        await TooOldAsync("3.5.0", client.RemoveWatchesAsync("/a").AsTask());
        await TooOldAsync("3.5.0", client.HasWatchAsync("/a").AsTask());
        await TooOldAsync("3.5.0", client.ReconfigAsync(leaving: [1]).AsTask());
        await TooOldAsync("3.6.0", client.WatchAsync("/a", WatchMode.PersistentRecursive).AsTask());
        Assert.Equal(1, client.Session.Epoch);
    }

    [Fact]
    public async Task What_a_server_lacks_is_asked_of_it_once_and_the_session_is_kept()
    {
        await using var server = await StartAsync(EmulatedVersion.V35);
        await using var client = await ConnectAsync(server);
        await using var session = new SessionReader(client);
        var before = await session.UntilAsync(SessionState.Connected);
        await client.CreateAsync("/e", default, CreateMode.Ephemeral);

        for (var i = 0; i < 5; i++)
        {
            await client.CountDescendantsAsync("/");
        }

        var after = await session.UntilAsync(SessionState.Connected);
        Assert.Equal((before.SessionId, before.Epoch, before.Connection + 1), (after.SessionId, after.Epoch, client.Session.Connection));
        Assert.Equal(before.SessionId, (await client.ExistsAsync("/e"))!.Value.EphemeralOwner);
    }

    [Fact]
    public async Task Nobody_else_loses_an_answer_to_what_a_server_does_not_know()
    {
        await using var server = await StartAsync(EmulatedVersion.V35);
        await using var client = await ConnectAsync(server);
        await client.CreateAsync("/a", default);

        var creates = new List<Task<string>>();
        Task<int> counting = Task.FromResult(0);
        for (var i = 0; i < 200; i++)
        {
            creates.Add(client.CreateAsync($"/a/{i}", default).AsTask());
            counting = i == 100 ? client.CountDescendantsAsync("/a").AsTask() : counting;
        }

        await Task.WhenAll(creates).WaitAsync(ClientSuite.Patience, TimeProvider.System);
        Assert.InRange(await counting, 101, 200);
        Assert.Equal(200, (await client.GetChildrenAsync("/a")).Names.Count);
    }

    [Fact]
    public async Task A_persistent_watch_is_served_by_one_shot_watches()
    {
        await using var server = await StartAsync(EmulatedVersion.V34);
        await using var client = await ConnectAsync(server);
        await using var subscription = await client.WatchAsync("/a", WatchMode.Persistent);
        await using var events = new EventReader(subscription);
        Assert.True(subscription.IsEmulated);

        await client.CreateAsync("/a", default);
        Assert.Equal(new(WatchedEventType.NodeCreated, "/a"), await events.NextAsync());

        // Another creation may have followed before the watch was set again: that cannot be proved.
        Assert.Equal(new(WatchedEventType.Gap, "/a"), await events.NextAsync());
        await client.SetDataAsync("/a", "1"u8.ToArray());
        Assert.Equal(new(WatchedEventType.NodeDataChanged, "/a"), await events.NextAsync());
        await client.CreateAsync("/a/b", default);
        Assert.Equal(new(WatchedEventType.NodeChildrenChanged, "/a"), await UntilNotAsync(events, WatchedEventType.Gap));
        await client.DeleteAsync("/a/b");
        Assert.Equal(new(WatchedEventType.NodeChildrenChanged, "/a"), await UntilNotAsync(events, WatchedEventType.Gap));
        await client.DeleteAsync("/a");
        Assert.Equal(new(WatchedEventType.NodeDeleted, "/a"), await UntilNotAsync(events, WatchedEventType.Gap));
    }

    [Fact]
    public async Task The_last_of_many_changes_is_always_told_by_an_emulated_watch()
    {
        await using var server = await StartAsync(EmulatedVersion.V34);
        await using var writer = await ConnectAsync(server);
        await using var client = await ConnectAsync(server);
        await writer.CreateAsync("/a", default);
        await using var subscription = await client.WatchAsync("/a", WatchMode.Persistent);
        await using var events = new EventReader(subscription);

        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
            {
                await writer.SetDataAsync("/a", default);
            }
        });

        // Whoever reads after each event ends at the last version, or an event would be missing.
        for (var version = 0; version < 300; version = (await client.GetDataAsync("/a")).Stat.Version)
        {
            await events.NextAsync();
        }

        await writing;
    }

    [Fact]
    public async Task An_emulated_watch_tells_a_gap_after_a_reconnect_and_goes_on()
    {
        await using var server = await StartAsync(EmulatedVersion.V34);
        await using var client = await ConnectAsync(server);
        await client.CreateAsync("/a", default);
        await using var subscription = await client.WatchAsync("/a", WatchMode.Persistent);
        await using var events = new EventReader(subscription);

        await server.DropAllConnectionsAsync();

        Assert.Equal(new(WatchedEventType.Gap, "/a"), await events.NextAsync());
        await client.SetDataAsync("/a", "1"u8.ToArray());
        Assert.Equal(new(WatchedEventType.NodeDataChanged, "/a"), await UntilNotAsync(events, WatchedEventType.Gap));
        await server.ExpireSessionAsync(client.Session.SessionId);
        Assert.Equal(new(WatchedEventType.SessionExpired, "/a"), await UntilNotAsync(events, WatchedEventType.Gap));
        Assert.Equal(new(WatchedEventType.Gap, "/a"), await events.NextAsync());
        await client.DisposeAsync();
        Assert.Equal(new(WatchedEventType.Closed, "/a"), await UntilNotAsync(events, WatchedEventType.Gap));
        Assert.True(await events.HasEndedAsync());
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Subscriptions_that_come_to_an_older_server_go_on_by_one_shot_watches_or_end_with_the_reason()
    {
        var server = await StartAsync(EmulatedVersion.V38);
        await using var client = await ConnectAsync(server);
        await using var persistent = await client.WatchAsync("/a", WatchMode.Persistent);
        await using var recursive = await client.WatchAsync("/b", WatchMode.PersistentRecursive);
        var (_, oneShot) = await client.ExistsAndWatchAsync("/c");
        await using var events = new EventReader(persistent);
        await using var below = new EventReader(recursive);
        Assert.False(persistent.IsEmulated);
        var port = server.Port;
        await server.DisposeAsync();

        await using var older = await EmbeddedZooKeeperServer.StartAsync(new EmbeddedZooKeeperOptions { EmulatedVersion = EmulatedVersion.V34, Port = port });

        Assert.Equal(WatchedEventType.SessionExpired, (await oneShot.WaitAsync(ClientSuite.Patience, TimeProvider.System)).Type);
        Assert.Equal(WatchedEventType.SessionExpired, (await events.NextAsync()).Type);
        Assert.Equal(WatchedEventType.Gap, (await events.NextAsync()).Type);
        Assert.True(persistent.IsEmulated);
        await client.CreateAsync("/a", default);
        Assert.Equal(new(WatchedEventType.NodeCreated, "/a"), await UntilNotAsync(events, WatchedEventType.Gap));
        Assert.Equal(WatchedEventType.SessionExpired, (await below.NextAsync()).Type);
        Assert.Equal("3.6.0", (await Assert.ThrowsAsync<ZooKeeperServerTooOldException>(() => below.NextAsync())).FirstVersion);
    }

    [Fact]
    public async Task A_3_9_server_tells_persistent_watches_apart()
    {
        await using var server = await StartAsync(EmulatedVersion.V39);
        await using var client = await ConnectAsync(server);
        await using var subscription = await client.WatchAsync("/a", WatchMode.Persistent);

        Assert.True(await client.HasWatchAsync("/a", WatcherKind.Persistent));
        Assert.False(await client.HasWatchAsync("/a", WatcherKind.PersistentRecursive));
    }

    [Fact]
    public async Task Znodes_with_a_time_to_live_that_are_switched_off_say_so_and_cost_no_connection()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new EmbeddedZooKeeperOptions { ExtendedTypesEnabled = false });
        await using var client = await ConnectAsync(server);

        var refusal = await Assert.ThrowsAsync<ZooKeeperException>(() => client.CreateTtlAsync("/t", default, TimeSpan.FromHours(1)).AsTask());

        Assert.Equal(ZooKeeperErrorCode.Unimplemented, refusal.Code);
        Assert.Contains("extendedTypesEnabled=true", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, client.Session.Connection);
    }

    private static Task<EmbeddedZooKeeperServer> StartAsync(EmulatedVersion version) =>
        EmbeddedZooKeeperServer.StartAsync(new EmbeddedZooKeeperOptions { EmulatedVersion = version });

    private static Task<ZooKeeper.ZooKeeperClient> ConnectAsync(EmbeddedZooKeeperServer server) => ZooKeeper.ZooKeeperClient.ConnectAsync(
        new ZooKeeperClientOptions { ConnectString = server.ConnectString, SessionTimeout = TimeSpan.FromSeconds(4), MaxReconnectPause = TimeSpan.FromMilliseconds(20) });

    private static async Task TooOldAsync(string firstVersion, Task task)
    {
        var refusal = await Assert.ThrowsAsync<ZooKeeperServerTooOldException>(() => task.WaitAsync(ClientSuite.Patience, TimeProvider.System));
        Assert.Equal((firstVersion, OperationOutcome.Refused), (refusal.FirstVersion, refusal.Outcome));
    }

    private static async Task<WatchedEvent> UntilNotAsync(EventReader events, WatchedEventType type)
    {
        while (true)
        {
            var next = await events.NextAsync();
            if (next.Type != type)
            {
                return next;
            }
        }
    }
}
