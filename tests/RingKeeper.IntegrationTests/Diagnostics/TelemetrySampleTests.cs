using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Docs;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Diagnostics;

/// <summary>The sample that sends its telemetry on, and a collector that takes it.</summary>
[Trait("Speed", "Slow")]
public sealed class TelemetrySampleTests
{
    private const string Key = "secret-key-4711";
    private const string Value = "secret-value-0815";

    // Everything that a client has to tell after a failover; checkers and caches run elsewhere.
    private static readonly string[] Expected =
    [
        "RingKeeper db.client.operation.duration histogram s", "RingKeeper ringkeeper.failover.count sum {failover}", "RingKeeper ringkeeper.shard.health gauge ",
        "RingKeeper ringkeeper.topology.version gauge ", "RingKeeper ringkeeper.view.age gauge s", "RingKeeper ringkeeper.view.apply.duration histogram s",
        "RingKeeper ringkeeper.view.lag histogram s", "RingKeeper ringkeeper.zookeeper.session.state_changes sum {change}",
        "RingKeeper.ZooKeeper db.client.operation.duration histogram s", "RingKeeper.ZooKeeper zookeeper.client.session.state_changes sum {change}",
    ];

    [Fact]
    public async Task What_happens_to_the_sample_arrives_at_a_collector_without_a_key_or_a_value()
    {
        await using var collector = await OtlpCollector.StartAsync(Cancel.Soon);
        await using var test = await RingKeeperTestCluster.StartAsync(new RingKeeperTestClusterOptions { ClusterName = "orders" });
        await using var cluster = await test.ConnectAsync(Cancel.Soon);
        await using var sample = await SampleProcess.StartAsync(
            "Telemetry",
            $"--RingKeeper:ZKServers={test.ZKServers}",
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}",
            "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "--OTEL_METRIC_EXPORT_INTERVAL=250",
            "--OTEL_BSP_SCHEDULE_DELAY=100");
        var route = await cluster.ConnectAsync($"order:{Key}", cancellationToken: Cancel.Soon);
        await sample.SendAsync(HttpMethod.Put, $"/orders/{Key}/{Value}");
        Assert.Equal(Value, await sample.GetAsync($"/orders/{Key}"));
        await collector.WaitAsync(static (_, spans) => spans.Any(static span => span.Name == "GET"), Cancel.Soon);

        var victim = cluster.View.Ring.Shards.First(shard => shard.Name != route.Shard.Name).Name;
        await test.KillShardAsync(victim);
        await collector.WaitAsync((points, _) => Expected.All(name => points.Any(point => Name(point) == name)), Cancel.Soon);

        var (points, spans, bodies) = collector.Arrived();
        var get = spans.Single(static span => span is { Source: RingKeeperTelemetry.SourceName, Name: "GET" });
        Assert.Equal(3UL, get.Kind);
        Assert.Equal(
            $"db.namespace=0 db.operation.name=GET db.system.name=redis ringkeeper.shard.id={route.Shard.Name} server.address=127.0.0.1 server.port={route.Shard.Addr.Split(':')[1]}",
            string.Join(' ', get.Tags.Select(static tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal)));
        Assert.Contains(spans, static span => span is { Source: RingKeeperTelemetry.SourceName, Name: "SET" });
        Assert.Contains(spans, static span => span is { Source: ZooKeeperTelemetry.SourceName, Name: "getData" });
        Assert.Contains(points, point => point.Name == "ringkeeper.failover.count" && point.Tags["ringkeeper.shard.id"] == victim && point.Tags["ringkeeper.failover.reason"] == "dead");
        Assert.All(bodies, static body => Assert.True(body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Key)) < 0 && body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Value)) < 0));
    }

    [Fact]
    public void The_lines_on_the_page_are_those_of_the_sample()
    {
        var source = File.ReadAllLines(PageCode.PathOf("samples/Telemetry/Program.cs")).Select(static line => line.Trim()).ToHashSet();

        Assert.Equal([], PageCode.Blocks("docs/metrics.md", "csharp").SelectMany(static block => block).Select(static line => line.Trim()).Where(line => !source.Contains(line)));
    }

    private static string Name(OtlpPoint point) => $"{point.Meter} {point.Name} {point.Kind} {point.Unit}";
}
