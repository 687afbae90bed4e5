using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

public sealed class DiagnosticsTests
{
    [Fact]
    public async Task Operations_states_and_gaps_are_measured_under_the_names_that_are_documented()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await using var proxy = TcpProxy.Start(server.Port);
        var measured = new ConcurrentBag<(string Instrument, string Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == ZooKeeperTelemetry.SourceName)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => measured.Add((instrument.Name, Describe(tags))));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => measured.Add((instrument.Name, Describe(tags))));
        listener.Start();
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions { ConnectString = proxy.Addr });
        await using var subscription = await client.WatchAsync("/", WatchMode.Persistent);
        await using var events = new EventReader(subscription);

        await client.GetDataAsync("/");
        await Assert.ThrowsAsync<ZooKeeperException>(() => client.GetDataAsync("/secret-name").AsTask());
        await proxy.CutAllAsync();
        Assert.Equal(WatchedEventType.Gap, (await events.NextAsync()).Type);

        // Other tests of this process are heard too; the port tells whose it is.
        var own = $"server.address=127.0.0.1 server.port={proxy.Port}";
        Assert.Contains(("db.client.operation.duration", $"db.system.name=zookeeper db.operation.name=getData {own}"), measured);
        Assert.Contains(("db.client.operation.duration", $"db.system.name=zookeeper db.operation.name=getData {own} error.type=NoNode"), measured);
        Assert.Contains(("zookeeper.client.session.state_changes", "zookeeper.session.state=suspended"), measured);
        Assert.Contains(("zookeeper.client.watch.gaps", "zookeeper.gap.reason=reconnect"), measured);
        Assert.DoesNotContain(measured, m => m.Tags.Contains("secret-name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_span_hangs_below_the_callers_and_leaves_the_callers_current()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(server.ConnectString);
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ZooKeeperTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var caller = new Activity("caller").Start();

        await client.GetDataAsync("/");
        Assert.Same(caller, Activity.Current);
        await Assert.ThrowsAsync<ZooKeeperException>(() => client.DeleteAsync("/secret-name").AsTask());

        var own = spans.Where(span => span.ParentId == caller.Id).ToDictionary(span => span.OperationName);
        Assert.Equal(ActivityKind.Client, own["getData"].Kind);
        Assert.Equal((ActivityStatusCode.Unset, ActivityStatusCode.Error), (own["getData"].Status, own["delete"].Status));
        Assert.Equal("NoNode", own["delete"].GetTagItem("error.type"));
        Assert.Equal((object)server.Port, own["delete"].GetTagItem("server.port"));
        Assert.DoesNotContain(own.Values.SelectMany(span => span.TagObjects), tag => $"{tag.Value}".Contains("secret-name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_listener_that_fails_keeps_nobody_from_the_answer()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(server.ConnectString);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ZooKeeperTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => throw (span.GetTagItem("server.port") is int port && port == server.Port ? new InvalidOperationException("the listener is broken") : new OperationCanceledException()),
        };
        ActivitySource.AddActivityListener(listener);

        Assert.NotNull(await client.ExistsAsync("/").AsTask().WaitAsync(ClientSuite.Patience, TimeProvider.System));
    }

    [Fact]
    public async Task A_listener_of_states_and_gaps_that_fails_costs_neither_the_connection_nor_the_client()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == ZooKeeperTelemetry.SourceName)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => throw new InvalidOperationException("the listener is broken"));
        listener.Start();
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(server.ConnectString);
        await using var subscription = await client.WatchAsync("/", WatchMode.Persistent);
        await using var events = new EventReader(subscription);

        await server.DropAllConnectionsAsync();

        Assert.Equal(WatchedEventType.Gap, (await events.NextAsync()).Type);
        Assert.Equal((1, 2), (client.Session.Epoch, client.Session.Connection));
    }

    private static string Describe(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new List<string>();
        foreach (var (key, value) in tags)
        {
            text.Add($"{key}={value}");
        }

        return string.Join(' ', text);
    }
}
