using System.Diagnostics.Metrics;
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

    private const int UnconfirmedView = 110;
}
