using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>The client against three real Apache ZooKeeper servers, any of which it may be connected to.</summary>
[Trait("Speed", "Slow")]
public sealed class EnsembleClientTests(EnsembleClientTests.Fixture fixture) : ClientSuite(fixture), IClassFixture<EnsembleClientTests.Fixture>
{
    private static readonly TimeSpan Session = TimeSpan.FromSeconds(4);

    private RealEnsemble Ensemble => fixture.Ensemble;

    [Fact]
    public async Task A_killed_leader_costs_no_session_no_acknowledged_write_and_no_watch()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/ephemeral", default, CreateMode.Ephemeral);
        await using var watch = await client.WatchAsync(root, WatchMode.Persistent);
        await using var events = new EventReader(watch);
        var oneShot = await client.GetDataAndWatchAsync(root);
        await using var session = new SessionReader(client);
        var before = await session.UntilAsync(SessionState.Connected);
        var leader = await Ensemble.FindLeaderAsync(Cancel.Soon);
        await client.SetDataAsync($"{root}/ephemeral", "1"u8.ToArray());

        await leader.KillAsync();
        await session.UntilAsync(SessionState.Suspended);
        Assert.Equal(before.SessionId, (await session.UntilAsync(SessionState.Connected)).SessionId);

        Assert.Equal(WatchedEventType.Gap, (await events.NextAsync()).Type);
        Assert.Equal("1"u8.ToArray(), (await client.GetDataAsync($"{root}/ephemeral")).Data);
        await client.SetDataAsync(root, default);
        Assert.Equal(Event(WatchedEventType.NodeDataChanged, root), await events.NextAsync());
        Assert.Equal(Event(WatchedEventType.NodeDataChanged, root), await oneShot.Changed.WaitAsync(Patience, TimeProvider.System));
        Assert.NotEqual(leader, await Ensemble.FindLeaderAsync(Cancel.Soon));
        await leader.RestartAsync();
    }

    [Fact]
    public async Task A_follower_that_is_cut_off_answers_reads_alone_until_it_gives_up_and_its_client_goes_on_elsewhere_with_the_same_session()
    {
        var leader = await Ensemble.FindLeaderAsync(Cancel.Soon);
        var follower = Ensemble.Members.First(member => member != leader);
        var reachable = Ensemble.Members.First(member => member != leader && member != follower);
        await using var blocked = TcpProxy.Start(reachable.Port);
        blocked.Refuse = true;
        await using var client = await ZooKeeperClient.ConnectAsync(Options with { ConnectString = $"{follower.ConnectString},{blocked.Addr}", SessionTimeout = Session });
        await using var other = await ZooKeeperClient.ConnectAsync(Options with { ConnectString = leader.ConnectString });
        await using var session = new SessionReader(client);
        var before = await session.UntilAsync(SessionState.Connected);
        var root = await CreateRootAsync(client);

        Ensemble.CutOff(follower);
        try
        {
            await other.SetDataAsync(root, "new"u8.ToArray());
            Assert.Empty((await client.GetDataAsync(root)).Data);
            var failure = await FailureOf(client.SetDataAsync(root, "doubtful"u8.ToArray()).AsTask());
            Assert.Equal((ZooKeeperErrorCode.ConnectionLoss, OperationOutcome.Unknown), (failure.Code, failure.Outcome));
            blocked.Refuse = false;
            await session.UntilAsync(SessionState.Suspended);
            var after = await session.UntilAsync(SessionState.Connected);
            Assert.Equal((before.SessionId, blocked.Addr), (after.SessionId, after.Server));
            Assert.Equal("new"u8.ToArray(), (await client.GetDataAsync(root)).Data);
            Assert.Equal(2, (await client.SetDataAsync(root, "mine"u8.ToArray())).Version);
        }
        finally
        {
            Ensemble.Mend();
        }

        await using var there = await ZooKeeperClient.ConnectAsync(Options with { ConnectString = follower.ConnectString });
        await there.SyncAsync(root);
        Assert.Equal("mine"u8.ToArray(), (await there.GetDataAsync(root)).Data);
    }

    [Fact]
    public async Task A_rolling_restart_keeps_session_ephemerals_and_watches()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/ephemeral", default, CreateMode.Ephemeral);
        var oneShot = await client.GetDataAndWatchAsync(root);
        var session = client.Session.SessionId;

        foreach (var member in Ensemble.Members)
        {
            await member.StopAsync();
            await member.RestartAsync();
            await client.SyncAsync(root);
        }

        Assert.Equal(session, client.Session.SessionId);
        Assert.Equal(session, (await client.ExistsAsync($"{root}/ephemeral"))?.EphemeralOwner);
        Assert.False(oneShot.Changed.IsCompleted);
        await client.SetDataAsync(root, default);
        Assert.Equal(Event(WatchedEventType.NodeDataChanged, root), await oneShot.Changed.WaitAsync(Patience, TimeProvider.System));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_frozen_server_is_left_before_the_session_is_lost(bool leads)
    {
        var leader = await Ensemble.FindLeaderAsync(Cancel.Soon);
        var frozen = leads ? leader : Ensemble.Members.First(member => member != leader);
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await using var session = new SessionReader(client);
        var before = await session.UntilAsync(SessionState.Connected);

        frozen.Pause();
        try
        {
            // One over the frozen server, or over one that followed it, fails as unknown; the client goes elsewhere, and the next is answered.
            var soon = Cancel.Soon;
            while (!await IsDoneAsync(client.SetDataAsync(root, default, cancellationToken: soon)))
            {
                soon.ThrowIfCancellationRequested();
            }

            if (!leads)
            {
                Assert.Equal(before.SessionId, client.Session.SessionId);
            }
        }
        finally
        {
            frozen.Resume();
        }

        static async Task<bool> IsDoneAsync(ValueTask<Stat> write)
        {
            try
            {
                await write;
                return true;
            }
            catch (ZooKeeperException e) when (e.Outcome is OperationOutcome.Unknown or OperationOutcome.NotSent)
            {
                return false;
            }
        }
    }

    /// <summary>Three servers. What stops is their leader, so that every client loses its connection.</summary>
    public sealed class Fixture : IZooKeeperUnderTest, IAsyncLifetime
    {
        private RealEnsemble? _ensemble;
        private ApacheZooKeeper? _stopped;

        public RealEnsemble Ensemble => _ensemble ?? throw new InvalidOperationException("The ensemble has not been started.");

        // Any one of them: a test that needs a proxy goes through this one.
        public int Port => Ensemble.Members[0].Port;

        public string ConnectString => Ensemble.ConnectString;

        public async ValueTask InitializeAsync() => _ensemble = await RealEnsemble.StartAsync(cuttable: true);

        public async Task StopAsync()
        {
            _stopped = await Ensemble.FindLeaderAsync(Cancel.Soon);
            await _stopped.KillAsync();
        }

        public Task StartAsync() => _stopped?.RestartAsync() ?? throw new InvalidOperationException("Nothing was stopped.");

        public async ValueTask DisposeAsync()
        {
            if (_ensemble is not null)
            {
                await _ensemble.DisposeAsync();
            }
        }
    }
}
