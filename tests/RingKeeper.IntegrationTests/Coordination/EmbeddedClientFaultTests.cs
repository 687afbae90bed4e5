using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>The suite on the embedded pair, and what needs a proxy before ZooKeeper or a hand-made file.</summary>
public sealed class EmbeddedClientFaultTests : ClientFaultSuite<EmbeddedStack>
{
    [Fact]
    public async Task ZooKeepers_view_takes_the_place_of_a_snapshots_though_its_versions_are_lower_and_no_epoch_goes_down()
    {
        const long Far = 9_000_000_000_000_000;
        var file = Path.Combine(Path.GetTempPath(), $"ringkeeper-{Guid.NewGuid():N}");
        var addr = Stack.Shards["shard1"].Addr;
        var snapshot = new ViewSnapshot(
            new ZKClusterInfo(Stack.Name, Far + 1, new ZKClusterOptions(), [new Shard("shard1", addr), new Shard("gone", "127.0.0.1:1")]) { Revision = new ZKClusterRevision(1, Far, 1) },
            Far,
            new Dictionary<string, ShardStatus> { [addr] = new(addr, true, Far), ["127.0.0.1:1"] = new("127.0.0.1:1", true, Far) },
            TimeProvider.System.GetUtcNow().AddHours(-1));
        await ViewSnapshotFile.WriteAsync(file, ViewSnapshotCodec.Encode(snapshot), Cancel.Soon);
        await using var proxy = TcpProxy.Start(Stack.Server.Port);
        proxy.Refuse = true;
        try
        {
            await using var client = await ConnectAsync(new ClusterOptions { SnapshotFile = file, ConnectTimeout = TimeSpan.FromMilliseconds(200) }, proxy.Addr);
            Assert.Equal(2, client.View.Ring.Shards.Count);
            Assert.True(client.ViewAge >= TimeSpan.FromHours(1));

            proxy.Refuse = false;
            await WhenRoutesAsync(client, () => TryRoute(client, out var route) && !route.ReadsAreMisses);
            var cluster = await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon);
            Assert.Equal(cluster.Shards, client.View.Ring.Shards);
            Assert.Equal((cluster.Revision.Mzxid, Far + 1), (client.View.TopologyVersion, client.View.TopologyStamp));
            Assert.Equal(Far, Views.Of(client.View, "shard1")!.Since);
            Assert.InRange(Views.Of(client.View, "shard2")!.Since, 1, Far - 1);
            Assert.InRange(client.View.StatusVersion, 1, Far - 1);

            // And it follows on from there.
            await Stack.Shards["shard3"].KillAsync();
            await Views.WaitAsync(client, Views.IsDead("shard3"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_silent_ZooKeeper_ages_the_view_from_the_last_sign_of_life_and_not_from_when_the_silence_is_noticed()
    {
        await using var proxy = TcpProxy.Start(Stack.Server.Port);
        var log = new LogWatch();
        await using var client = await ConnectAsync(new ClusterOptions { StaleViewAfter = TimeSpan.FromDays(1), Logger = log }, proxy.Addr);
        proxy.Stall();
        await log.WhenAsync(UnconfirmedView);

        // Noticed after two thirds of the session timeout without a sign.
        Assert.InRange(client.ViewAge, client.Session.NegotiatedTimeout * 2 / 3, TimeSpan.FromSeconds(20));
        Assert.NotEqual(SessionState.Connected, client.Session.State);
    }

    [Fact]
    public async Task A_view_is_not_confirmed_by_znodes_that_cannot_be_read()
    {
        var log = new LogWatch();
        await using var client = await ConnectAsync(new ClusterOptions { StaleViewAfter = TimeSpan.FromMilliseconds(200), Logger = log, StaleViewPolicy = StaleViewPolicy.MissReads });
        var hand = await Stack.ConnectToZooKeeperAsync();
        var (good, _) = await hand.GetDataAsync(ZKPaths.Status(Stack.Name), Cancel.Soon);
        foreach (var checker in Stack.Checkers)
        {
            await checker.StopAsync();
        }

        await hand.SetDataAsync(ZKPaths.Status(Stack.Name), "{not json"u8.ToArray(), cancellationToken: Cancel.Soon);
        await WhenRoutesAsync(client, () => TryRoute(client, out var route) && route.ReadsAreMisses);
        Assert.Equal(SessionState.Connected, client.Session.State);
        Assert.True(client.ViewAge > TimeSpan.Zero);

        await hand.SetDataAsync(ZKPaths.Status(Stack.Name), good, cancellationToken: Cancel.Soon);
        await WhenRoutesAsync(client, () => TryRoute(client, out var route) && !route.ReadsAreMisses);
        Assert.Equal(TimeSpan.Zero, client.ViewAge);
    }

    [Fact]
    public async Task A_client_is_measured_from_its_connect_to_its_disposal()
    {
        var name = $"gauged-{Guid.NewGuid():N}";
        await Stack.Manager.CreateClusterAsync(name, [new Shard("shard1", Stack.Shards["shard1"].Addr)], cancellationToken: Cancel.Soon);
        var client = await ZKCluster.ConnectAsync(Stack.ConnectorOptions(), name, cancellationToken: Cancel.Soon);
        Assert.Equal([client.View.TopologyVersion], Measure(name));

        await client.DisposeAsync();
        Assert.Equal([], Measure(name));
    }

    [Fact]
    public async Task A_disposal_that_meets_the_end_of_a_connect_leaves_nothing_running()
    {
        var name = $"disposed-{Guid.NewGuid():N}";
        var file = Path.Combine(Path.GetTempPath(), $"ringkeeper-{Guid.NewGuid():N}");
        var snapshot = new ViewSnapshot(
            new ZKClusterInfo(name, 1, new ZKClusterOptions(), [new Shard("shard1", Stack.Shards["shard1"].Addr)]), 1, new Dictionary<string, ShardStatus>(), TimeProvider.System.GetUtcNow());
        await ViewSnapshotFile.WriteAsync(file, ViewSnapshotCodec.Encode(snapshot), Cancel.Soon);
        try
        {
            await using var zooKeeper = ZooKeeperClient.Open(new ZooKeeperClientOptions { ConnectString = $"127.0.0.1:{FreePort.Next()}", StartTimeout = TimeSpan.FromMilliseconds(200) });
            ZKCluster? cluster = null;
            var log = new ActingLog(StartedFromSnapshot, () => cluster!.DisposeAsync().AsTask().Wait(Cancel.Soon));
            cluster = ZKCluster.Unconnected(name, new ClusterOptions { SnapshotFile = file }, new Random(1), log);

            await Assert.ThrowsAsync<ObjectDisposedException>(() => cluster.FollowAsync(zooKeeper, Cancel.Soon));

            Assert.Equal([], Measure(name));
            Assert.False(cluster.IsConnected);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task No_epoch_goes_down_with_the_clock_of_a_manager_that_records_nothing()
    {
        await using var client = await ConnectAsync(new ClusterOptions());
        await Views.WaitAsync(client, Views.AllAlive);
        foreach (var checker in Stack.Checkers)
        {
            await checker.StopAsync();
        }

        var hand = await Stack.ConnectToZooKeeperAsync();
        await hand.DeleteAsync(ZKPaths.History(Stack.Name), cancellationToken: Cancel.Soon);
        var before = client.View;
        await hand.SetDataAsync(ZKPaths.Cluster(Stack.Name), "1000000"u8.ToArray(), cancellationToken: Cancel.Soon);
        var after = await Views.WaitAsync(client, view => view.TopologyVersion > before.TopologyVersion);

        Assert.True(after.TopologyStamp > before.TopologyStamp);
        Assert.True(after.TopologyStamp > after.Statuses.Values.Max(static status => status.Since), "a copy written under the newest stamp is valid across a change that nobody recorded");
    }

    [Fact]
    public async Task A_status_that_a_client_may_not_read_shows_in_its_health()
    {
        var log = new LogWatch();
        await using var client = await ConnectAsync(new ClusterOptions { Logger = log });
        foreach (var checker in Stack.Checkers)
        {
            await checker.StopAsync();
        }

        var hand = await Stack.ConnectToZooKeeperAsync();
        var (good, _) = await hand.GetDataAsync(ZKPaths.Status(Stack.Name), Cancel.Soon);
        await hand.MultiAsync(
            [ZooKeeperOp.Delete(ZKPaths.Status(Stack.Name)), ZooKeeperOp.Create(ZKPaths.Status(Stack.Name), good, acl: [Acl.Digest("other", "secret")])],
            Cancel.Soon);
        await log.WhenAsync(ViewKept);

        Assert.Contains(ZKPaths.Status(Stack.Name), client.Unreadable, StringComparison.Ordinal);
    }

    private static List<long> Measure(string cluster)
    {
        var seen = new List<long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument.Meter.Name == RingKeeperTelemetry.SourceName && instrument.Name == "ringkeeper.topology.version")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (Equals(tags[0].Value, cluster))
            {
                seen.Add(value);
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }

    private const int ViewKept = 101;
    private const int UnconfirmedView = 110;
    private const int StartedFromSnapshot = 113;

    private sealed class ActingLog(int at, Action act) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == at)
            {
                act();
            }
        }
    }
}
