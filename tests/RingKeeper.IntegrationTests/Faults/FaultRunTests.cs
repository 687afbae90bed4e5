using System.Collections.Concurrent;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Faults;

/// <summary>
/// One long run on Apache ZooKeeper, redis-server and processes of checkers and of an application: a load that judges every read, an operator
/// who changes the topology, and one fault after the other. Each must be over by itself; the report says after how long.
/// </summary>
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class FaultRunTests : IAsyncLifetime
{
    private static readonly string[] Shards = ["shard1", "shard2", "shard3"];

    private readonly RealStack _stack = new() { BehindProxies = true };
    private readonly FaultLog _log = new();
    private readonly ConcurrentQueue<string> _unobserved = new();
    private ZKCluster _client = null!;
    private RegisterWorkload _workload = null!;
    private ZooKeeperClient _zooKeeper = null!;
    private ApplicationProcess? _application;

    private TimeSpan BeyondTheSession => _stack.SessionTimeout * 1.75;

    public async ValueTask InitializeAsync()
    {
        TaskScheduler.UnobservedTaskException += OnUnobserved;
        await _stack.StartAsync();
        _client = await _stack.ConnectAsync();
        _zooKeeper = await _stack.ConnectToZooKeeperAsync();
        _application = await ApplicationProcess.StartAsync(_stack);
        ZKCluster[] clients = [await _stack.ConnectAsync(), await _stack.ConnectAsync(), await _stack.ConnectAsync()];
        _workload = new RegisterWorkload(clients, "f:", registers: 90, TimeSpan.FromMilliseconds(2), seed: 20_261_125, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        TaskScheduler.UnobservedTaskException -= OnUnobserved;
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }

        await _workload.DisposeAsync();
        await _stack.DisposeAsync();
    }

    [Fact]
    public async Task Every_fault_is_over_by_itself_and_nothing_wrong_is_read_meanwhile()
    {
        var options = (await _stack.Manager.GetClusterAsync(_stack.Name, Cancel.Soon)).Options;
        _workload.Start();
        var (changes, doubtful) = (0, 0);
        await using (var operatorAtWork = new TopologyChanger(_stack, _workload, await _stack.StartShardAsync("shard4")))
        {
            operatorAtWork.Start();
            await ShardsAsync();
            await CheckersAsync();
            await ZooKeeperAsync();
            await ConnectionsAsync(operatorAtWork);
            await operatorAtWork.StopAsync();
            (changes, doubtful) = (operatorAtWork.Changes, operatorAtWork.Doubtful);
            Assert.InRange(changes, 10, int.MaxValue);
            await AssertConfigurationAsync(operatorAtWork, options);
        }

        await AllIsWellAsync();
        await _workload.StopAsync();
        var application = await _application!.StopAsync();
        RunReport.Write([.. _log.Describe(_workload.Counts), application, $"fault run: {changes} changes of the topology meanwhile, {doubtful} more refused or left open while ZooKeeper was away; none lost"]);
        AssertNothingBroken();
    }

    private async Task ShardsAsync()
    {
        foreach (var shard in Shards)
        {
            await LoseAsync(shard, hangs: false);
            await RegainAsync(shard, hung: false);
            await LoseAsync(shard, hangs: true);
            await RegainAsync(shard, hung: true);
        }
    }

    private async Task CheckersAsync()
    {
        await _log.TimeAsync("leading checker killed, then shard1: shard1's keys served elsewhere", isFault: true, async () =>
        {
            await _stack.Checkers[0].KillAsync();
            _stack.Checkers.RemoveAt(0);
            await _stack.Shards["shard1"].KillAsync();
        }, ServedElsewhereAsync("shard1"));
        await RegainAsync("shard1", hung: false);
        await _log.TimeAsync("a checker started: three in line", isFault: false, async () => await _stack.AddCheckerAsync(), InLineAsync(3));

        await _log.TimeAsync("last checker killed: two in line", isFault: true, async () =>
        {
            await _stack.Checkers[^1].KillAsync();
            _stack.Checkers.RemoveAt(_stack.Checkers.Count - 1);
        }, InLineAsync(2));
        await _log.TimeAsync("a checker started: three in line", isFault: false, async () => await _stack.AddCheckerAsync(), InLineAsync(3));

        var leader = (RealStack.CheckerProcess)_stack.Checkers[0];
        await _log.TimeAsync("leading checker stopped, then shard2: shard2's keys served elsewhere", isFault: true, async () =>
        {
            leader.Send(ProcessSignal.Stop);
            await _stack.Shards["shard2"].KillAsync();
        }, ServedElsewhereAsync("shard2"));
        await _log.TimeAsync("leading checker continued: three in line", isFault: false, () =>
        {
            leader.Send(ProcessSignal.Continue);
            return Task.CompletedTask;
        }, InLineAsync(3));
        await RegainAsync("shard2", hung: false);
    }

    private async Task ZooKeeperAsync()
    {
        await AwayAsync("ZooKeeper killed and restarted at once", "shard3", _stack.StopZooKeeperAsync, TimeSpan.Zero, _stack.RestartZooKeeperAsync);
        await AwayAsync("ZooKeeper killed for longer than the sessions last", "shard1", _stack.StopZooKeeperAsync, BeyondTheSession, _stack.RestartZooKeeperAsync);
        await AwayAsync("ZooKeeper stopped for longer than the sessions last", "shard2", Do(_stack.PauseZooKeeper), BeyondTheSession, Do(_stack.ResumeZooKeeper));
    }

    private async Task ConnectionsAsync(TopologyChanger operatorAtWork)
    {
        foreach (var (name, proxy) in new[] { ("checkers", _stack.CheckerProxy), ("clients", _stack.ClientProxy) })
        {
            await AwayAsync($"{name} hear nothing from ZooKeeper for longer than the sessions last", "shard1", Do(() => proxy.Stall(StallDirection.ToClient)), BeyondTheSession, Do(proxy.Resume), operatorAtWork);
            await AwayAsync($"ZooKeeper hears nothing from {name} for longer than the sessions last", "shard2", Do(() => proxy.Stall(StallDirection.ToServer)), BeyondTheSession, Do(proxy.Resume), operatorAtWork);
            await AwayAsync($"{name}' connections to ZooKeeper reset", "shard3", proxy.CutAllAsync, TimeSpan.Zero, () => Task.CompletedTask, operatorAtWork);
        }
    }

    // Something is away, and a shard dies meanwhile: the load goes on, and the death is decided once it is back.
    private async Task AwayAsync(string what, string shard, Func<Task> takeAway, TimeSpan duration, Func<Task> bringBack, TopologyChanger? held = null)
    {
        await takeAway();
        await Task.Delay(duration, TimeProvider.System);
        var served = ServedElsewhereAsync(shard);
        await _stack.Shards[shard].KillAsync();
        await WritesGoOnAsync();
        Assert.False(duration > TimeSpan.Zero && served.IsCompleted, $"{shard}'s keys moved although: {what}");
        await (held?.HoldAsync() ?? Task.CompletedTask);
        try
        {
            await bringBack();
            await _log.TimeAsync($"{what}; {shard} killed meanwhile: its keys served elsewhere, from the return on", isFault: true, () => Task.CompletedTask, served);
        }
        finally
        {
            held?.GoOn();
        }

        await _log.TimeAsync("  and three checkers in line", isFault: false, () => Task.CompletedTask, InLineAsync(3));
        await RegainAsync(shard, hung: false);
    }

    private Task LoseAsync(string shard, bool hangs) => _log.TimeAsync(
        $"{shard} {(hangs ? "stopped" : "killed")}: its keys served elsewhere",
        isFault: true,
        hangs ? Do(_stack.Shards[shard].Hang) : _stack.Shards[shard].KillAsync,
        ServedElsewhereAsync(shard));

    private Task RegainAsync(string shard, bool hung) => _log.TimeAsync(
        $"{shard} {(hung ? "continued" : "restarted")}: it serves its keys again, to the application too",
        isFault: false,
        hung ? Do(_stack.Shards[shard].Resume) : _stack.Shards[shard].RestartAsync,
        ServesAgainAsync(shard, _workload.WhenWrittenAsync((_, servedBy, view) => servedBy.Name == shard && Views.IsAlive(shard)(view))));

    private async Task ServesAgainAsync(string shard, Task written)
    {
        await written;
        await _application!.AgreesAsync(_client, shard);
    }

    private Task ServedElsewhereAsync(string shard) => _workload.WhenWrittenAsync((register, servedBy, view) =>
        servedBy.Name != shard && view.Ring.Shards[view.Ring.GetOwner(register.KeyBytes)].Name == shard);

    private Task WritesGoOnAsync() => _workload.WhenWrittenAsync(100).WaitAsync(Cancel.Soon);

    private async Task InLineAsync(int count)
    {
        await using var line = await _zooKeeper.WatchAsync(ZKPaths.LocalStatus(_stack.Name), WatchMode.Persistent, Cancel.Soon);
        await using var events = line.ReadAllAsync(Cancel.Soon).GetAsyncEnumerator();
        while ((await _stack.Manager.GetCheckersAsync(_stack.Name, Cancel.Soon)).Count != count)
        {
            Assert.True(await events.MoveNextAsync());
        }
    }

    // Every component works again: the line is complete, every shard alive, and a last death is decided.
    private async Task AllIsWellAsync()
    {
        await InLineAsync(3);
        await LoseAsync("shard3", hangs: false);
        await RegainAsync("shard3", hung: false);
        await Views.WaitAsync(_client, Views.AllAlive);
        foreach (var checker in _stack.Checkers.Cast<RealStack.CheckerProcess>())
        {
            Assert.False(checker.HasExited, checker.QuoteLog());
        }
    }

    private async Task AssertConfigurationAsync(TopologyChanger operatorAtWork, ZKClusterOptions options)
    {
        var present = await _stack.Manager.GetClusterAsync(_stack.Name, Cancel.Soon);
        Assert.Equal(options, present.Options);
        Assert.Equal(operatorAtWork.Acknowledged!.Shards, present.Shards);
        var seen = await Views.WaitAsync(_client, view => view.TopologyVersion == present.Revision.Mzxid);
        Assert.Equal(present.Shards, seen.Ring.Shards);
    }

    private void AssertNothingBroken()
    {
        var counts = _workload.Counts;
        Assert.True(counts.Stale == 0 && counts.Wrong == 0, string.Join(Environment.NewLine, counts.Broken));
        Assert.True(counts.Fresh > 5_000 && counts.Writes > 5_000, $"Too little was done to judge: {counts}");
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.True(_unobserved.IsEmpty, $"Exceptions that nobody observed: {string.Join(Environment.NewLine, _unobserved)}");
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e)
    {
        if (e.Exception.ToString().Contains("RingKeeper", StringComparison.Ordinal))
        {
            _unobserved.Enqueue(e.Exception.ToString());
        }
    }

    private static Func<Task> Do(Action act) => () =>
    {
        act();
        return Task.CompletedTask;
    };
}
