using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using RingKeeper.Cli.Commands;
using RingKeeper.Cli.Handlers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Demo;

/// <summary>
/// The main job, played once: load on three shards, one is killed and comes back, a fourth joins and leaves, while every read is judged.
/// </summary>
internal sealed class DemoRun(DemoRequest request, Action<string> tell)
{
    private const string Victim = "shard2";
    private const string Newcomer = "shard4";
    private const int Clients = 3;
    private const int Registers = 300;
    private const int Seed = 20_150_411;

    private static readonly TimeSpan Load = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan KeepInterval = TimeSpan.FromSeconds(10);

    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly string _prefix = $"ringkeeper:demo:{Guid.NewGuid():n}:";

    public async Task<DemoReport> RunAsync(CancellationToken cancellationToken)
    {
        Tell($"starting on {DemoStage.Describe(request)}");
        var name = request.ZooKeeper is null ? "demo" : $"demo-{Guid.NewGuid():n}";
        var isStarted = false;
        using var loggers = request.Log.CreateFactory();
        try
        {
            await using var stage = await DemoStage.SetAsync(request, name, loggers, cancellationToken);
            isStarted = true;
            return await PlayAsync(stage, loggers, cancellationToken);
        }
        finally
        {
            await CleanAsync(name, isStarted);
        }
    }

    private async Task CleanAsync(string name, bool isStarted)
    {
        try
        {
            await DemoStage.CleanAsync(request, name);
        }
        catch (ZooKeeperException) when (!isStarted)
        {
            // What kept the demo from starting is told already: ZooKeeper is out of reach, and so nothing was written.
        }
    }

    private async Task<DemoReport> PlayAsync(RingKeeperTestCluster stage, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var clients = new List<ZKCluster>();
        await using var watcher = request.Dashboard ? await stage.ConnectAsync(cancellationToken) : null;
        await using var dashboard = watcher is null ? null : await DashboardServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), [watcher], request.RedisSettings, loggers, cancellationToken);
        if (dashboard is not null)
        {
            Tell($"{dashboard.Url} shows it live{(request.Keep ? "" : " until the demo ends; with --keep it stays")}");
        }

        try
        {
            for (var i = 0; i < Clients; i++)
            {
                clients.Add(await stage.ConnectAsync(cancellationToken));
            }

            Tell($"{clients[0].View.Ring.Shards.Count} shards alive, {stage.Checkers.Count} checkers, {clients.Count} clients; writing and reading {Registers} registers");
            await using var workload = new RegisterWorkload(clients, _prefix, Registers, Pace, Seed, TimeProvider.System);
            workload.Start();
            var report = await ScenesAsync(stage, clients[0], cancellationToken);
            if (request.Keep)
            {
                await KeepAsync(workload, cancellationToken);
            }

            await workload.StopAsync();
            return Sum(report, workload.Counts);
        }
        finally
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    private async Task<DemoReport> ScenesAsync(RingKeeperTestCluster stage, ZKCluster client, CancellationToken cancellationToken)
    {
        await Task.Delay(Load, TimeProvider.System, cancellationToken);
        var report = new DemoReport { Servers = DemoStage.Describe(request) };
        var addr = stage.AddressOf(Victim);
        var key = KeyOwnedBy(client.View.Ring, Victim);

        // First an outage that keeps the shard's data, then one of the same shard alone: what the first left behind, on the shard and on
        // its heir, must not be taken for fresh in the second.
        await OutageAsync(client, addr, key, "cutting", "cut", () => stage.CutOffShardAsync(Victim), cancellationToken);
        await Task.Delay(Load, TimeProvider.System, cancellationToken);
        await ReturnAsync(client, key, "back on the network", () => stage.ReconnectShardAsync(Victim), cancellationToken);
        await Task.Delay(Load, TimeProvider.System, cancellationToken);
        var (detected, failover) = await OutageAsync(client, addr, key, "killing", "kill", () => stage.KillShardAsync(Victim), cancellationToken);
        await Task.Delay(Load, TimeProvider.System, cancellationToken);
        var returned = await ReturnAsync(client, key, "started again", () => stage.RestartShardAsync(Victim), cancellationToken);
        await Task.Delay(Load, TimeProvider.System, cancellationToken);
        var (added, newKey) = await AddAsync(stage, client, cancellationToken);
        await Task.Delay(Load, TimeProvider.System, cancellationToken);
        Tell($"removing {Newcomer} from the cluster, live");
        var removing = Elapsed;
        await stage.RemoveShardAsync(Newcomer, cancellationToken);
        var (_, removed) = await ServedAsync(client, newKey, name => name != Newcomer, cancellationToken);
        Tell($"its keys are served by the others: {Ms(removed - removing)} ms after the order");
        await Task.Delay(Load / 2, TimeProvider.System, cancellationToken);
        return report with
        {
            DetectedMs = detected.TotalMilliseconds,
            FailoverMs = failover.TotalMilliseconds,
            ReturnMs = returned.TotalMilliseconds,
            AddMs = added.TotalMilliseconds,
            RemoveMs = (removed - removing).TotalMilliseconds,
        };
    }

    private async Task<(TimeSpan Detected, TimeSpan Failover)> OutageAsync(
        ZKCluster client, string addr, string key, string doing, string deed, Func<Task> takeAway, CancellationToken cancellationToken)
    {
        Tell($"{doing} {Victim} ({addr}){(deed == "cut" ? " off the network" : "")}");
        var begun = Elapsed;
        await takeAway();
        var served = ServedAsync(client, key, name => name != Victim, cancellationToken);
        await SeenAsync(client, view => view.Statuses.GetValueOrDefault(addr) is { Alive: false }, cancellationToken);
        var detected = Elapsed - begun;
        Tell($"the checkers agree that {Victim} is dead: {Ms(detected)} ms after the {deed}");
        var (heir, at) = await served;
        Tell($"its keys are written and read on {heir}: {Ms(at - begun)} ms after the {deed}");
        return (detected, at - begun);
    }

    private async Task<TimeSpan> ReturnAsync(ZKCluster client, string key, string how, Func<Task> bringBack, CancellationToken cancellationToken)
    {
        Tell($"{Victim} is {how}");
        var begun = Elapsed;
        await bringBack();
        var (_, at) = await ServedAsync(client, key, name => name == Victim, cancellationToken);
        Tell($"{Victim} serves its keys again: {Ms(at - begun)} ms later");
        return at - begun;
    }

    private async Task<(TimeSpan Took, string Key)> AddAsync(RingKeeperTestCluster stage, ZKCluster client, CancellationToken cancellationToken)
    {
        Tell($"adding {Newcomer} to the cluster, live");
        var adding = Elapsed;
        var shard = await stage.AddShardAsync(Newcomer, cancellationToken);
        await SeenAsync(client, view => view.Ring.Shards.Any(s => s.Name == Newcomer), cancellationToken);
        var key = KeyOwnedBy(client.View.Ring, Newcomer);
        var (_, served) = await ServedAsync(client, key, name => name == Newcomer, cancellationToken);
        Tell($"{Newcomer} ({shard.Addr}) serves its share of the keys: {Ms(served - adding)} ms after the order");
        return (served - adding, key);
    }

    private async Task KeepAsync(RegisterWorkload workload, CancellationToken cancellationToken)
    {
        Tell("going on until Ctrl-C");
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(KeepInterval, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var counts = workload.Counts;
            Tell($"{counts.Operations} operations, {counts.ErrorCount} errors, {counts.Stale} stale, {counts.Wrong} wrong");
        }
    }

    // As an application would: route, write, read back; when that fails, again at once.
    private async Task<(string Shard, TimeSpan At)> ServedAsync(ZKCluster client, string key, Func<string, bool> isWanted, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        while (!limit.IsCancellationRequested)
        {
            var name = "";
            if (await RegisterWorkload.TryRoundTripAsync(client, key, shard => name = shard.Name) && isWanted(name))
            {
                return (name, Elapsed);
            }

            await Task.Delay(Pace, TimeProvider.System, CancellationToken.None);
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new TimeoutException($"The keys were not served as they should be within {Patience.TotalSeconds} s. The view: {Describe(client.View)}.");
    }

    private static async Task SeenAsync(ZKCluster client, Func<ClusterView, bool> isWanted, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await RingKeeperTestCluster.WaitForAsync(client, isWanted, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The checkers did not decide within {Patience.TotalSeconds} s. The view: {Describe(client.View)}.", e);
        }
    }

    private static string Describe(ClusterView view) =>
        string.Join(", ", view.Ring.Shards.Select((s, i) => $"{s.Name} {view.StatusOf(i) switch { null => "undecided", { Alive: true } => "alive", _ => "dead" }}"));

    private string KeyOwnedBy(HashRing ring, string name)
    {
        for (var i = 0; ; i++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"{_prefix}probe:{i}");
            if (ring.Shards[ring.GetOwner(System.Text.Encoding.UTF8.GetBytes(key))].Name == name)
            {
                return key;
            }
        }
    }

    private DemoReport Sum(DemoReport report, WorkloadCounts counts) => report with
    {
        Seconds = Elapsed.TotalSeconds,
        Operations = counts.Operations,
        Writes = counts.Writes,
        WritesRefused = counts.WritesRefused,
        FreshReads = counts.Fresh,
        Misses = counts.Misses,
        OutdatedCopiesRefused = counts.Outdated,
        LaggingReads = counts.Lagging,
        Errors = counts.ErrorCount,
        ErrorsByType = counts.Errors,
        StaleReads = counts.Stale,
        WrongReads = counts.Wrong,
        Broken = counts.Broken,
        Ok = counts.Stale == 0 && counts.Wrong == 0 && counts.Fresh > 0 && counts.Writes > 0,
    };

    private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_start);

    private static string Ms(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);

    private void Tell(string line) => tell(string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds,6:0.00} s  {line}"));
}
