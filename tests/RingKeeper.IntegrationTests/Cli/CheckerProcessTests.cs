using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>What a checker that runs as a process logs, and how it ends.</summary>
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class CheckerProcessTests : IAsyncLifetime
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FewSeconds = TimeSpan.FromSeconds(8);

    private EmbeddedZooKeeperServer _zooKeeper = null!;
    private ZKManager _manager = null!;
    private RedisServer _a = null!;
    private RedisServer _b = null!;

    public async ValueTask InitializeAsync()
    {
        _zooKeeper = await EmbeddedZooKeeperServer.StartAsync();
        _manager = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = _zooKeeper.ConnectString }, Cancel.Soon);
        _a = await RedisServer.StartAsync();
        _b = await RedisServer.StartAsync();
        await _manager.CreateClusterAsync("orders", [new("a", _a.Addr), new("b", _b.Addr)], new ZKClusterOptions { ExpectedCheckers = 2 }, Cancel.Soon);
    }

    public async ValueTask DisposeAsync()
    {
        await _manager.DisposeAsync();
        await _b.DisposeAsync();
        await _a.DisposeAsync();
        await _zooKeeper.DisposeAsync();
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task Each_transition_is_one_line_of_each_checker_and_there_is_no_other_line(string format)
    {
        await using var first = await StartAsync("--log-format", format);
        var leader = new CheckerLog(first);
        await leader.WaitForAsync("n_0000000000 leads");
        await using var second = await StartAsync("--log-format", format);
        var other = new CheckerLog(second);
        await other.WaitForAsync("n_0000000001 is number 2 in line");
        await leader.WaitForAsync($"decided: {_a.Addr} is alive");
        await leader.WaitForAsync($"decided: {_b.Addr} is alive");
        AssertIds([1, 208, 2001, 2001, 200, 201, 203, 203], leader, from: 0, inOrder: false);
        AssertIds([1, 208, 2001, 2001, 200, 201], other, from: 0, inOrder: false);

        var (began, otherBegan) = (leader.Ids.Count, other.Ids.Count);
        await _b.KillAsync();
        await leader.WaitForAsync($"decided: {_b.Addr} is dead: 2 of 2 checkers say so", began);
        await other.WaitForAsync($"Shard {_b.Addr} is dead", otherBegan);
        await _b.RestartAsync();
        await leader.WaitForAsync($"decided: {_b.Addr} is alive: 2 of 2 checkers say so, 0 say dead", began);
        await other.WaitForAsync($"Shard {_b.Addr} was restarted", otherBegan);

        // It is back, and as another run of the server: two things to know.
        int[] ofLeader = [2002, 203, 2001, 2007, 203];
        int[] ofOther = [2002, 2001, 2007];
        AssertIds(ofLeader, leader, began);
        AssertIds(ofOther, other, otherBegan);

        // Nothing happens, so nothing is told; what is awaited here is that nothing comes.
        await Assert.ThrowsAsync<TimeoutException>(() => Task.WhenAny(leader.Ended, other.Ended).WaitAsync(Quiet, TimeProvider.System));
        AssertIds(ofLeader, leader, began);
        AssertIds(ofOther, other, otherBegan);

        (began, otherBegan) = (leader.Ids.Count, other.Ids.Count);
        await _manager.DrainShardAsync("orders", "b", cancellationToken: Cancel.Soon);
        await leader.WaitForAsync($"decided: {_b.Addr} is drained", began);
        await other.WaitForAsync("checking 2 shard(s), drained: b", otherBegan);
        await _manager.UndrainShardAsync("orders", "b", Cancel.Soon);
        await leader.WaitForAsync($"decided: {_b.Addr} is alive: 2 of 2 checkers say so, 0 say dead", began);
        await other.WaitForAsync("checking 2 shard(s)", otherBegan + 1);
        first.Send(ProcessSignal.Terminate);
        Assert.Equal(0, await first.WaitForExitAsync(FewSeconds));
        await other.WaitForAsync("n_0000000001 leads");
        second.Send(ProcessSignal.Terminate);
        Assert.Equal(0, await second.WaitForExitAsync(FewSeconds));
        await Task.WhenAll(leader.Ended, other.Ended);
        AssertIds([208, 203, 208, 203, 231], leader, began);
        AssertIds([208, 208, 201, 231], other, otherBegan);
    }

    [Fact]
    public async Task SIGTERM_ends_a_checker_whose_shard_hangs()
    {
        await using var process = await StartAsync();
        var log = new CheckerLog(process);
        await log.WaitForAsync($"Shard {_b.Addr} is alive");
        _b.Pause();
        await log.WaitForAsync($"Shard {_b.Addr} is dead");

        await AssertEndsAsync(process, log);
        Assert.Empty(await _manager.GetCheckersAsync("orders", Cancel.Soon));
        _b.Resume();
    }

    [Fact]
    public async Task SIGTERM_ends_a_checker_while_ZooKeeper_is_away()
    {
        await using var process = await StartAsync();
        var log = new CheckerLog(process);
        await log.WaitForAsync("leads");
        await _zooKeeper.StopAsync();
        await log.WaitForAsync("lost its connection");

        await AssertEndsAsync(process, log);
        await _zooKeeper.RestartAsync();
    }

    [Fact]
    public async Task SIGTERM_ends_a_checker_whose_ZooKeeper_hangs()
    {
        await using var zooKeeper = await ApacheZooKeeper.StartAsync();
        await using (var manager = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = zooKeeper.ConnectString }, Cancel.Soon))
        {
            await manager.CreateClusterAsync("orders", [new("a", _a.Addr)], cancellationToken: Cancel.Soon);
        }

        await using var process = await CliProcess.StartAsync("checker", "orders", "--zookeeper", zooKeeper.ConnectString, "--interval", "200ms", "--threshold", "800ms");
        var log = new CheckerLog(process);
        await log.WaitForAsync("leads");
        zooKeeper.Pause();

        await AssertEndsAsync(process, log);
        zooKeeper.Resume();
    }

    [Fact]
    public async Task SIGTERM_ends_a_checker_that_has_not_reached_ZooKeeper_yet()
    {
        await _zooKeeper.StopAsync();
        await using var process = await StartAsync("--http", ":0");
        var log = new CheckerLog(process);
        await log.WaitForAsync("Health is served");

        await AssertEndsAsync(process, log);
        await _zooKeeper.RestartAsync();
    }

    private static async Task AssertEndsAsync(CliProcess process, CheckerLog log)
    {
        process.Send(ProcessSignal.Terminate);
        Assert.Equal(0, await process.WaitForExitAsync(FewSeconds));
        await log.Ended;
        Assert.Single(log.Ids, 231);
    }

    private Task<CliProcess> StartAsync(params string[] more) => CliProcess.StartAsync(
        ["checker", "orders", "--zookeeper", _zooKeeper.ConnectString, "--interval", "200ms", "--threshold", "800ms", .. more]);

    // A machine that stops the process for a while makes it distrust itself, which it tells: those lines are the machine's, no transition of the cluster.
    private static void AssertIds(int[] expected, CheckerLog log, int from, bool inOrder = true)
    {
        int[] ofPauses = [2012, 240, 241, 245];
        var ids = log.Ids.Skip(from).Where(id => !ofPauses.Contains(id)).ToList();
        var isAsExpected = inOrder ? ids.SequenceEqual(expected) : ids.Order().SequenceEqual(expected.Order());
        Assert.True(isAsExpected, $"Expected the events {string.Join(", ", expected)}, but the log says:{Environment.NewLine}{log.Text}");
    }
}
