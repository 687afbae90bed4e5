using System.Diagnostics;
using System.Globalization;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Faults;

/// <summary>
/// The promise of the cache on Apache ZooKeeper, redis-server and processes of checkers: clients with views of their own, one with its view held back and one with its writes
/// held up, under faults that bring back old data in every way there is. Every read that hits is judged. Once as it is by default, and once with a warm return that is longer than
/// any view is held back, as it demands, and once in the format of the Go package, whose promise rests on clocks: here all processes have the same one.
/// </summary>
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class PromiseRunTests : IAsyncLifetime
{
    private const int Some = 300;
    private static readonly long Slack = 5_000;

    private readonly RealStack _stack = new() { RedisArguments = ["--maxmemory", "4mb", "--maxmemory-policy", "allkeys-lru"] };
    private readonly ShardProxies _writerProxies = new();
    private readonly SortedDictionary<string, int> _faults = new(StringComparer.Ordinal);
    private TcpProxy? _viewProxy;
    private ZKCluster? _delayed;
    private ZKCluster _control = null!;
    private ZKManager _manager = null!;
    private ChangeLog? _changes;
    private PromiseWorkload? _workload;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    private async Task StartAsync(TimeSpan? warmReturn, CacheFormat format)
    {
        await _stack.StartAsync(options: new ZKClusterOptions { ExpectedCheckers = 3, WarmReturn = warmReturn });
        _viewProxy = TcpProxy.Start(int.Parse(_stack.ZKServers.Split(':')[^1], CultureInfo.InvariantCulture));
        _control = await _stack.ConnectAsync();
        _manager = ZKManager.Over(await _stack.ConnectToZooKeeperAsync(), maxEarlierTopologies: 2);
        _changes = await ChangeLog.StartAsync(await _stack.ConnectToZooKeeperAsync(), _stack.Name);
        _delayed = await ZKCluster.ConnectAsync(_stack.ConnectorOptions() with { ZKServers = _viewProxy.Addr }, _stack.Name, cancellationToken: Cancel.Soon);
        ZKCluster[] clients =
        [
            await _stack.ConnectAsync(),
            await _stack.ConnectAsync(),
            await _stack.ConnectAsync(new ClusterOptions { ConfigureRedis = _writerProxies.Apply }),
            _delayed,
        ];
        _workload = new PromiseWorkload(clients, new VersionedCacheOptions { Format = format, Expiry = CacheExpiry.After(TimeSpan.FromMinutes(10)) }, _changes, seed: 20_261_125);
    }

    public async ValueTask DisposeAsync()
    {
        _viewProxy?.Resume();
        foreach (var owned in new IAsyncDisposable?[] { _workload, _changes, _delayed, _stack, _writerProxies, _viewProxy })
        {
            await (owned?.DisposeAsync() ?? default);
        }
    }

    [Fact]
    public Task No_read_is_older_than_the_newest_write_that_its_reader_can_know_of() => HoldAsync("promise run", TimeSpan.FromMinutes(3));

    [Fact]
    public Task Nor_where_a_warm_return_fills_misses() => HoldAsync("promise run with warm return", TimeSpan.FromSeconds(75), TimeSpan.FromMinutes(1));

    [Fact]
    public Task Nor_in_the_format_of_the_Go_package_with_all_on_one_clock() => HoldAsync("promise run in the format of the Go package", TimeSpan.FromSeconds(45), format: CacheFormat.GoreLib);

    // Every kind of fault once at least, however long that takes.
    private async Task HoldAsync(string run, TimeSpan least, TimeSpan? warmReturn = null, CacheFormat format = CacheFormat.Own)
    {
        await StartAsync(warmReturn, format);
        var clock = Stopwatch.StartNew();
        _workload!.Start();
        await WrittenAsync(2_000);
        for (var round = 0; clock.Elapsed < least; round++)
        {
            var shard = $"shard{(round % 3) + 1}";
            var other = $"shard{((round + 1) % 3) + 1}";
            await ShardAsync(shard, other);
            await TopologyAsync(shard, other);
            await DelaysAsync(shard, other);
            await ZooKeeperAndCheckersAsync(shard, round);
        }

        var evicted = await EvictedAsync();
        await _workload!.StopAsync();
        await _changes!.StopAsync();
        Report(run, clock.Elapsed, evicted);
        Assert.True(warmReturn is null || _workload!.Fills > 0, "No miss was filled.");
    }

    private async Task ShardAsync(string shard, string other)
    {
        foreach (var data in Enum.GetValues<Data>())
        {
            await DoAsync($"restart before a probe notices, data {data}", () => RestartAsync(shard, data, diesFirst: false));
            await DoAsync($"death and return, data {data}", () => RestartAsync(shard, data));
        }

        await DoAsync("hang and return", () => HangAsync(shard));

        // What both of these held in turn must not come back with the second return.
        await DoAsync("two shards dead in turn", async () =>
        {
            await RestartAsync(shard, Data.RolledBack);
            await RestartAsync(other, Data.RolledBack);
            await HangAsync(shard);
        });
    }

    private async Task TopologyAsync(string shard, string other)
    {
        await DoAsync("two addresses swapped", () => SwapAsync(shard, other));
        await DoAsync("a shard removed and added again", () => RemovedAsync(shard, static () => Task.CompletedTask));
        await DoAsync("more changes than the history holds while a shard is away", () => RemovedAsync(shard, async () =>
        {
            var names = (await _manager.GetClusterAsync(_stack.Name, Cancel.Soon)).Shards.Select(static s => s.Name).ToArray();
            for (var i = 0; i < 3; i++)
            {
                await SwapAsync(names[0], names[1]);
            }
        }));
        await DoAsync("addresses swapped back", () => SwapAsync(other, shard));
    }

    private async Task DelaysAsync(string shard, string other)
    {
        var view = StallDirection.ToClient;
        await DoAsync("a view held back over a removal and the return", async () =>
        {
            _viewProxy!.Stall(view);
            await RemovedAsync(shard, static () => Task.CompletedTask);
            _viewProxy!.Resume();
        });
        await DoAsync("a view held back over a restart with rolled-back data", async () =>
        {
            _viewProxy!.Stall(view);
            await RestartAsync(other, Data.RolledBack, diesFirst: false);
            _viewProxy!.Resume();
        });
        await DoAsync("a view held back over a hang and longer than its session lasts", async () =>
        {
            _viewProxy!.Stall(view);
            await HangAsync(shard);
            await Task.Delay(_stack.SessionTimeout * 1.5, TimeProvider.System);
            _viewProxy!.Resume();
        });
        await DoAsync("writes held up over a removal and the return", async () =>
        {
            var proxy = _writerProxies.Of(_stack.Shards[shard].Addr);
            proxy.Stall(StallDirection.ToServer);
            await RemovedAsync(shard, static () => Task.CompletedTask);
            proxy.Resume();
        });
        await DoAsync("answers held up over a swap", async () =>
        {
            var proxy = _writerProxies.Of(_stack.Shards[other].Addr);
            proxy.Stall(StallDirection.ToClient);
            await SwapAsync(shard, other);
            proxy.Resume();
        });
    }

    private async Task ZooKeeperAndCheckersAsync(string shard, int round)
    {
        await DoAsync("ZooKeeper killed, a shard restarted with rolled-back data meanwhile", async () =>
        {
            await _stack.StopZooKeeperAsync();
            var published = await BounceAsync(shard, Data.RolledBack, Task.CompletedTask);
            await WrittenAsync(Some);
            await _stack.RestartZooKeeperAsync();
            await published();
        });
        await DoAsync("ZooKeeper stopped for longer than the sessions last", async () =>
        {
            _stack.PauseZooKeeper();
            await Task.Delay(_stack.SessionTimeout * 1.5, TimeProvider.System);
            await WrittenAsync(Some);
            _stack.ResumeZooKeeper();
        });
        await DoAsync("the leading checker killed, then a shard", async () =>
        {
            await _stack.Checkers[0].KillAsync();
            _stack.Checkers.RemoveAt(0);
            await RestartAsync(shard, Data.RolledBack);
            await _stack.AddCheckerAsync();
        });
        var leader = (RealStack.CheckerProcess)_stack.Checkers[round % 2];
        await DoAsync("a checker stopped over a shard's restart", async () =>
        {
            leader.Send(ProcessSignal.Stop);
            await RestartAsync(shard, Data.RolledBack);
            leader.Send(ProcessSignal.Continue);
        });
    }

    // A fault, its cure, and all well again.
    private async Task DoAsync(string what, Func<Task> fault)
    {
        _faults[what] = _faults.GetValueOrDefault(what) + 1;
        try
        {
            await fault();
            await Views.WaitAsync(_control, static view => view.Ring.Shards.Count == 3 && Views.AllAlive(view));
            await WrittenAsync(Some);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"After: {what}. {e.Message}", e);
        }
    }

    private async Task RestartAsync(string shard, Data data, bool diesFirst = true)
    {
        var published = await BounceAsync(shard, data, diesFirst ? DeadAsync(shard) : Task.CompletedTask);
        await published();
    }

    // Takes a shard's server away, and starts it again with the data that it should have; returns the wait for the view that tells of it.
    private async Task<Func<Task>> BounceAsync(string shard, Data data, Task away)
    {
        var server = Server(shard);
        var run = Views.Of(_control.View, shard)!.RunId;
        if (data == Data.RolledBack)
        {
            await SaveAsync(shard);
            await WrittenAsync(Some);
        }

        if (data == Data.Kept)
        {
            await ShutDownAsync(server);
        }
        else
        {
            await server.KillAsync();
        }

        if (data == Data.Lost)
        {
            server.ForgetSaved();
        }

        if (!away.IsCompleted)
        {
            await away;
            await WrittenAsync(Some);
        }

        await server.RestartAsync(Cancel.Soon);
        return () => Views.WaitAsync(_control, view => Views.Of(view, shard) is { Alive: true, RunId: { } now } && now != run);
    }

    private async Task HangAsync(string shard)
    {
        var dead = DeadAsync(shard);
        Server(shard).Pause();
        await dead;
        await WrittenAsync(Some);
        Server(shard).Resume();
        await Views.WaitAsync(_control, Views.IsAlive(shard));
    }

    private async Task SwapAsync(string one, string other)
    {
        await ChangeAsync(shards => shards.Select(shard =>
            shard.Name == one ? shard with { Addr = AddrOf(shards, other) } : shard.Name == other ? shard with { Addr = AddrOf(shards, one) } : shard));
        await WrittenAsync(Some);
    }

    private async Task RemovedAsync(string name, Func<Task> meanwhile)
    {
        var shard = (await _manager.GetClusterAsync(_stack.Name, Cancel.Soon)).Shards.Single(s => s.Name == name);
        await ChangeAsync(shards => shards.Where(s => s != shard));
        await WrittenAsync(Some);
        await meanwhile();
        await ChangeAsync(shards => shards.Append(shard));
    }

    private async Task ChangeAsync(Func<IReadOnlyList<Shard>, IEnumerable<Shard>> change)
    {
        var cluster = await _manager.GetClusterAsync(_stack.Name, Cancel.Soon);
        var changed = await _manager.UpdateClusterAsync(cluster with { Shards = [.. change(cluster.Shards)] }, Cancel.Soon);
        await Views.WaitAsync(_control, view => view.TopologyVersion >= changed.Revision.Mzxid);
    }

    private async Task SaveAsync(string shard)
    {
        await using var admin = await AdminAsync(Server(shard));
        await admin.GetDatabase().ExecuteAsync("SAVE");
    }

    private static async Task ShutDownAsync(RedisServer server)
    {
        await using (var admin = await AdminAsync(server))
        {
            await admin.GetDatabase().ExecuteAsync("SAVE");
        }

        await server.StopAsync();
    }

    private async Task<long> EvictedAsync()
    {
        var evicted = 0L;
        foreach (var shard in _stack.Shards.Values.Cast<RealStack.RedisShard>())
        {
            await using var admin = await AdminAsync(shard.Server);
            var stats = (await admin.GetDatabase().ExecuteAsync("INFO", "stats")).ToString();
            evicted += long.Parse(stats.Split("evicted_keys:")[1].Split('\r')[0], CultureInfo.InvariantCulture);
        }

        return evicted;
    }

    private static async Task<ConnectionMultiplexer> AdminAsync(RedisServer server) => await ConnectionMultiplexer.ConnectAsync($"{server.Addr},allowAdmin=true");

    private Task DeadAsync(string shard) => Views.WaitAsync(_control, Views.IsDead(shard));

    private Task WrittenAsync(int count) => _workload!.WhenWrittenAsync(count, Cancel.Soon);

    // By address: names wander between servers.
    private RedisServer Server(string shard)
    {
        var addr = AddrOf(_control.View.Ring.Shards, shard);
        return _stack.Shards.Values.Cast<RealStack.RedisShard>().Single(s => s.Addr == addr).Server;
    }

    private static string AddrOf(IEnumerable<Shard> shards, string name) => shards.Single(shard => shard.Name == name).Addr;

    private void Report(string run, TimeSpan took, long evicted)
    {
        var slack = Slack + _changes!.Drift;
        var judge = new PromiseJudge(_changes!.Topologies, _changes!.Statuses, slack);
        var counts = new long[Enum.GetValues<PromiseVerdict>().Length];
        var broken = new List<string>();
        foreach (var register in _workload!.Registers)
        {
            foreach (var (verdict, read) in judge.Judge(register).Zip(register.Reads))
            {
                counts[(int)verdict]++;
                if (verdict is PromiseVerdict.Stale or PromiseVerdict.Wrong && broken.Count < 10)
                {
                    broken.Add($"{verdict}: {register.Key}, {read}, which gave {(read.Number < 0 ? null : register.Writes[read.Number])}; current writes before: "
                        + string.Join(" ", register.Writes.Select((write, i) => (i, write)).Where(w => judge.IsCurrent(w.write) && w.write.Ended < read.Begun).TakeLast(2)));
                }
            }
        }

        long Of(PromiseVerdict verdict) => counts[(int)verdict];
        var current = _workload!.Registers.Sum(register => register.Writes.Count(write => judge.IsCurrent(write)));
        RunReport.Write(
        [
            Text($"{run}: {took.TotalSeconds:0} s, {_faults.Values.Sum()} faults of {_faults.Count} kinds, {_changes!.Topologies.Count} topologies and {_changes!.Statuses.Count} statuses published"),
            Text($"{run}: {_workload!.Writes} writes, {current} of them surely current, {_workload!.Refused} refused under an old view, {_workload!.Changed} compared and found changed; {evicted} keys evicted since each shard's last start"),
            Text($"{run}: {counts.Sum()} reads that hit judged: {Of(PromiseVerdict.Fresh)} fresh, {Of(PromiseVerdict.Unbound)} with no write to be held to, {Of(PromiseVerdict.Lagging)} under a view about to change, {Of(PromiseVerdict.Undecided)} of writes never acknowledged; {_workload!.Misses} misses, {_workload!.Fills} filled"),
            Text($"{run}: {Of(PromiseVerdict.Stale)} stale, {Of(PromiseVerdict.Wrong)} wrong; {_workload!.Errors.Values.Sum()} errors ({string.Join(", ", _workload!.Errors.Select(e => $"{e.Value} {e.Key}"))}); clocks within {slack / 1000.0:0.0} ms"),
        ]);
        Assert.True(Of(PromiseVerdict.Stale) == 0 && Of(PromiseVerdict.Wrong) == 0, string.Join(Environment.NewLine, broken));
        Assert.True(Of(PromiseVerdict.Fresh) > 20_000 && current > 5_000, "Too little was done to judge.");
        Assert.True(evicted > 0, "No shard was full: nothing was evicted.");
        Assert.InRange(slack, 0, 100_000);
    }

    private static string Text(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);

    /// <summary>What a server has of its data after a restart.</summary>
    private enum Data
    {
        Kept,
        Lost,
        RolledBack,
    }
}
