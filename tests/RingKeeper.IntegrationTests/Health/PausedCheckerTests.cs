using RingKeeper.IntegrationTests.Cli;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Health;

/// <summary>A checker's process that stands still for longer than its threshold while its shards live.</summary>
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class PausedCheckerTests
{
    [Fact]
    public async Task A_checker_that_was_stopped_calls_no_living_shard_dead_and_goes_on()
    {
        await using var zooKeeper = await EmbeddedZooKeeperServer.StartAsync();
        await using var a = await RedisServer.StartAsync();
        await using var b = await RedisServer.StartAsync();
        await using var manager = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = zooKeeper.ConnectString }, Cancel.Soon);
        await manager.CreateClusterAsync("paused", [new("a", a.Addr), new("b", b.Addr)], cancellationToken: Cancel.Soon);
        await using var checker = await CliProcess.StartAsync(
            "checker", "paused", "--zookeeper", zooKeeper.ConnectString, "--session-timeout", "30s", "--interval", "200ms", "--threshold", "1s", "--log-level", "debug");
        var log = new List<string>();
        // Its own verdicts: what it decides as the leader comes later, and says the same of a shard.
        await ReadAsync(2, "RingKeeper.Checker[2001]");

        // So often that it stands still now in a pause between probes, now within one.
        foreach (var pause in new[] { 5.0, 1.7, 1.8 })
        {
            checker.Send(ProcessSignal.Stop);

            // The pause is what is tested.
            await Task.Delay(TimeSpan.FromSeconds(pause), TimeProvider.System);
            checker.Send(ProcessSignal.Continue);
            await ReadAsync(1, "are withheld until each has been probed again: this process was paused");

            // And it knows a real death from its own pause.
            await b.KillAsync();
            await ReadAsync(1, $"Shard {b.Addr} is dead: connection refused");
            await b.RestartAsync();
            await ReadAsync(1, $"Shard {b.Addr} is alive");
        }

        // Its own verdicts, and what it decided as the leader.
        var deaths = log.Where(static line => line.Contains("is dead", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, deaths.Count(static line => line.Contains("is dead: connection refused", StringComparison.Ordinal)));
        Assert.All(deaths, line => Assert.Contains($"{b.Addr} is dead", line, StringComparison.Ordinal));
        Assert.All(deaths, line => Assert.DoesNotContain("TimedOut", line, StringComparison.Ordinal));

        // The probes' own lines go on for ever: it is the whole wait that is bounded.
        async Task ReadAsync(int times, string text)
        {
            try
            {
                await ReadLinesAsync(times, text).WaitAsync(Cancel.Soon);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"No line held '{text}'. Those that are no debug lines: {string.Join(Environment.NewLine, log.Where(static line => !line.Contains("A probe of shard", StringComparison.Ordinal)).TakeLast(60))}", e);
            }
        }

        async Task ReadLinesAsync(int times, string text)
        {
            while (times > 0)
            {
                log.Add(await checker.ReadErrorLineAsync());
                times -= log[^1].Contains(text, StringComparison.Ordinal) ? 1 : 0;
            }
        }
    }
}
