using System.Net;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>The client and servers that have lost their quorum.</summary>
public sealed class ReadOnlyModeTests
{
    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_lone_member_of_a_real_ensemble_serves_reads_until_a_server_that_writes_is_there()
    {
        await using var writable = await ApacheZooKeeper.StartAsync();
        await writable.StopAsync();
        var settings = new Dictionary<string, string>
        {
            ["server.1"] = $"127.0.0.1:{FreePort.Next()}:{FreePort.Next()}",
            ["server.2"] = $"127.0.0.1:{FreePort.Next()}:{FreePort.Next()}",
            ["server.3"] = $"127.0.0.1:{FreePort.Next()}:{FreePort.Next()}",
            ["localSessionsEnabled"] = "true",
        };
        await using var lone = await ApacheZooKeeper.StartMemberAsync(1, IPAddress.Loopback, settings, "-Dreadonlymode.enabled=true");
        Assert.Equal(ZooKeeperServerMode.ReadOnly, await ZooKeeperServer.GetModeAsync(lone.ConnectString));
        Assert.Equal("read-only", (await ZooKeeperServer.GetStatisticsAsync(lone.ConnectString)).Mode);
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(OptionsFor($"{lone.ConnectString},{writable.ConnectString}"));
        await using var session = new SessionReader(client);
        var readOnly = await session.UntilAsync(SessionState.ReadOnly);

        Assert.Contains("zookeeper", (await client.GetChildrenAsync("/")).Names);
        var refusal = await Assert.ThrowsAsync<ZooKeeperException>(() => client.CreateAsync("/a", default).AsTask());
        Assert.Equal((ZooKeeperErrorCode.NotReadOnly, OperationOutcome.Refused), (refusal.Code, refusal.Outcome));
        Assert.Contains("lost its quorum and serves reads alone", refusal.Message, StringComparison.Ordinal);
        await writable.RestartAsync();

        var connected = await session.UntilAsync(SessionState.Connected);
        Assert.Equal(writable.ConnectString, connected.Server);
        Assert.Equal(readOnly.Epoch + 1, connected.Epoch);
        Assert.NotEqual(readOnly.SessionId, connected.SessionId);
        Assert.DoesNotContain(SessionState.Lost, session.Seen);
        await client.CreateAsync("/a", default);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task The_last_server_of_a_real_ensemble_serves_reads_once_the_session_is_given_up()
    {
        await using var ensemble = await RealEnsemble.StartAsync(localSessions: true, properties: "-Dreadonlymode.enabled=true");
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(OptionsFor(ensemble.ConnectString));
        await using var session = new SessionReader(client);
        await session.UntilAsync(SessionState.Connected);
        await client.CreateAsync("/a", "x"u8.ToArray());
        var leader = await ensemble.FindLeaderAsync(CancellationToken.None);
        var last = ensemble.Members.First(member => member != leader);

        await Task.WhenAll(ensemble.Members.Where(member => member != last).Select(member => member.StopAsync()));

        var readOnly = await session.UntilAsync(SessionState.ReadOnly);
        Assert.Equal(last.ConnectString, readOnly.Server);
        Assert.Equal("x"u8.ToArray(), (await client.GetDataAsync("/a")).Data);
        Assert.Equal(ZooKeeperErrorCode.NotReadOnly, (await Assert.ThrowsAsync<ZooKeeperException>(() => client.SetDataAsync("/a", default).AsTask())).Code);
        var seen = session.Seen.Count;
        await leader.RestartAsync();

        var after = await session.UntilAsync(SessionState.Connected);
        Assert.Equal(readOnly.Epoch + 1, after.Epoch);
        Assert.DoesNotContain(SessionState.Lost, session.Seen.Skip(seen));
        await client.SetDataAsync("/a", "y"u8.ToArray());
    }

    [Fact]
    public async Task A_real_session_goes_on_over_a_read_only_server_and_back()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(OptionsFor(server.ConnectString));
        await using var session = new SessionReader(client);
        var before = await session.UntilAsync(SessionState.Connected);
        await client.CreateAsync("/e", "x"u8.ToArray(), CreateMode.Ephemeral);
        var (_, changed) = await client.GetDataAndWatchAsync("/e");

        await server.SetReadOnlyAsync(true);

        var readOnly = await session.UntilAsync(SessionState.ReadOnly);
        Assert.Equal((before.SessionId, before.Epoch), (readOnly.SessionId, readOnly.Epoch));
        Assert.True(readOnly.IsConnected);
        Assert.Equal("x"u8.ToArray(), (await client.GetDataAsync("/e")).Data);
        Assert.Equal(ZooKeeperErrorCode.NotReadOnly, (await Assert.ThrowsAsync<ZooKeeperException>(() => client.DeleteAsync("/e").AsTask())).Code);
        await server.SetReadOnlyAsync(false);

        var after = await session.UntilAsync(SessionState.Connected);
        Assert.Equal((before.SessionId, before.Epoch), (after.SessionId, after.Epoch));
        await client.SetDataAsync("/e", "y"u8.ToArray());
        Assert.Equal(WatchedEventType.NodeDataChanged, (await changed.WaitAsync(ClientSuite.Patience, TimeProvider.System)).Type);
    }

    [Fact]
    public async Task A_session_of_a_read_only_server_is_left_for_a_new_one_without_a_loss()
    {
        await using var lone = await EmbeddedZooKeeperServer.StartAsync();
        await lone.SetReadOnlyAsync(true);
        var writable = await EmbeddedZooKeeperServer.StartAsync();
        await writable.StopAsync();
        await using var disposing = writable;
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(OptionsFor($"{lone.ConnectString},{writable.ConnectString}"));
        await using var session = new SessionReader(client);
        var readOnly = await session.UntilAsync(SessionState.ReadOnly);
        var (_, changed) = await client.ExistsAndWatchAsync("/a");

        await writable.RestartAsync();

        var connected = await session.UntilAsync(SessionState.Connected);
        Assert.Equal((writable.ConnectString, readOnly.Epoch + 1), (connected.Server, connected.Epoch));
        Assert.DoesNotContain(SessionState.Lost, session.Seen);
        await client.CreateAsync("/a", default);
        Assert.Equal(WatchedEventType.NodeCreated, (await changed.WaitAsync(ClientSuite.Patience, TimeProvider.System)).Type);
    }

    [Fact]
    public async Task A_client_that_does_not_allow_it_gets_no_session_of_a_read_only_server()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await server.SetReadOnlyAsync(true);
        var options = OptionsFor(server.ConnectString) with { AllowReadOnly = false, StartTimeout = TimeSpan.FromMilliseconds(700) };

        var refusal = await Assert.ThrowsAsync<ZooKeeperException>(() => ZooKeeper.ZooKeeperClient.ConnectAsync(options));

        Assert.Contains("closes it without an answer", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("quorum", refusal.Message, StringComparison.Ordinal);
    }

    private static ZooKeeperClientOptions OptionsFor(string connectString) => new()
    {
        ConnectString = connectString,
        SessionTimeout = TimeSpan.FromSeconds(4),
        MaxReconnectPause = TimeSpan.FromMilliseconds(50),
        AllowReadOnly = true,
    };
}
