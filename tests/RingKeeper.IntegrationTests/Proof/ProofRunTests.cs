using System.Diagnostics;
using System.Globalization;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>
/// The client under random faults of servers, of links and of connections, with everything judged that was asked and told: on three real Apache ZooKeeper servers, and shorter on one and on the embedded one.
/// The seed is the day's and is printed; RINGKEEPER_FAULT_SEED sets it, RINGKEEPER_FAULT_SECONDS how long the first goes on (default: 240; the others a twelfth and a 24th of it).
/// </summary>
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed partial class ProofRunTests : IAsyncDisposable
{
    private const int Clients = 5;
    private const string Folder = "/proof";
    private const string Own = "/own";
    private const string FencedByLock = "/fenced-by-lock";
    private const string FencedByLead = "/fenced-by-lead";
    private static readonly TimeSpan RecoveryBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SightingBound = TimeSpan.FromSeconds(15);
    private static readonly List<string> Registers = [.. Enumerable.Range(0, 8).Select(i => $"{Folder}/r{i}")];

    private readonly Stopwatch _clock = new();
    private readonly Sightings _sightings = new();
    private readonly List<ProofClient> _clients = [];
    private readonly List<ProofWatcher> _watchers = [];
    private readonly List<ProofWriter> _writers = [];
    private readonly List<ProofCaches> _caches = [];
    private readonly List<Contender> _locks = [];
    private readonly List<Contender> _leads = [];
    private readonly List<string> _violations = [];
    private readonly List<string> _lines = [];
    private readonly List<(string Fault, TimeSpan Silence, TimeSpan Recovery)> _faults = [];
    private readonly List<(long From, long Until)> _leaderless = [];
    private readonly List<string> _log = [];
    private readonly List<string> _differing = [];
    private IFaultyServers? _servers;

    private ZooKeeperClient Direct => _servers!.Direct;

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in (IEnumerable<IAsyncDisposable?>)[.. _writers, .. _locks, .. _leads, .. _watchers, .. _caches, .. _clients, _servers])
        {
            await (owned?.DisposeAsync() ?? default);
        }
    }

    [Fact]
    public Task No_acknowledged_write_is_lost_no_operation_stays_unanswered_no_watch_goes_silently_and_no_two_hold_a_lock() => HoldAsync(FaultyEnsemble.StartAsync, 1);

    [Fact]
    public Task Nor_on_one_real_server() => HoldAsync(FaultyApache.StartAsync, 1.0 / 12);

    [Fact]
    public Task Nor_on_the_embedded_one() => HoldAsync(FaultyEmbedded.StartAsync, 1.0 / 24);

    private async Task HoldAsync(Func<Task<IFaultyServers>> start, double share)
    {
        var seed = NumberOf("RINGKEEPER_FAULT_SEED") ?? int.Parse($"{TimeProvider.System.GetUtcNow():yyyyMMdd}", CultureInfo.InvariantCulture);
        var least = TimeSpan.FromSeconds((NumberOf("RINGKEEPER_FAULT_SECONDS") ?? 240) * share);
        _servers = await start();
        _lines.Add(Text($"fault run on {_servers.Name}: seed {seed}, at least {least.TotalSeconds:0} s (RINGKEEPER_FAULT_SEED, RINGKEEPER_FAULT_SECONDS)"));
        var random = new Random(seed);
        await StartAsync(random);
        var faults = new RandomFaults(_servers, _clients, client => _locks.Concat(_leads).Any(contender => contender.Client == client && contender.IsHolding), random);
        _clock.Start();
        while (_clock.Elapsed < least && _violations.Count == 0)
        {
            await StrikeAsync(faults, random.Next(3) == 0);
        }

        _clock.Stop();
        await CalmAsync();
        var run = await JudgeAsync();
        var setApart = _violations.FindAll(violation => _differing.Exists(path => violation.Contains(path, StringComparison.Ordinal)));
        _violations.RemoveAll(setApart.Contains);
        Report(run, setApart);
        Assert.True(_violations.Count == 0, string.Join(Environment.NewLine, _violations.Take(20)));
        if (least >= TimeSpan.FromMinutes(4))
        {
            Assert.True(_faults.Count >= faults.Count, $"Only {_faults.Count} faults.");
            Assert.True(_clients.Sum(client => client.TakeOperations().Count) > 20_000, "Too little was done to judge.");
        }
    }

    private async Task StartAsync(Random random)
    {
        foreach (var path in (IEnumerable<string>)[Folder, Own, FencedByLock, FencedByLead, .. Registers])
        {
            await Direct.CreateAsync(path, default, cancellationToken: Cancel.Soon);
        }

        for (var number = 0; number < Clients; number++)
        {
            var client = await ProofClient.StartAsync(number, _servers!, random.Next());
            _clients.Add(client);
            await client.Client.SyncAsync(Folder, Cancel.Soon);
            _watchers.Add(await ProofWatcher.StartAsync(client, Folder, Registers, _sightings));
            _writers.Add(new ProofWriter(client, Registers, Own, random.Next()));
            if (number == 3)
            {
                _caches.Add(await ProofCaches.StartAsync(client, Folder, Registers, _sightings));
            }
        }

        _locks.AddRange(_clients.Skip(1).Select(client => new Contender(client, new LockContest(client.Client, "/lock"), FencedByLock, random.Next())));
        _leads.AddRange(_clients.SkipLast(1).Select(client => new Contender(client, new LeadContest(client.Client, "/election"), FencedByLead, random.Next())));

        _writers.ForEach(writer => writer.Start());
        await EverybodyWritesAsync();
    }

    // A fault, its cure, and all well again: everybody writes, and every watch tells of what is written now.
    private async Task StrikeAsync(RandomFaults faults, bool both)
    {
        var (name, doAsync) = faults.Next();
        var (name2, doAsync2) = both ? faults.NextOfConnections() : ("", () => Task.CompletedTask);
        name = both ? $"{name}, and {name2}" : name;
        var (begun, from) = (_clock.Elapsed, TimeProvider.System.GetTimestamp());
        _clients.ForEach(client => client.TakeSilence());
        try
        {
            await Task.WhenAll(doAsync(), doAsync2());
            var cured = _clock.Elapsed;
            _log.Add(Text($"{begun.TotalSeconds:0.0}-{cured.TotalSeconds:0.0} s {name}"));
            var handedOn = Task.WhenAll(HandedOnAsync("lock", _locks), HandedOnAsync("lead", _leads));
            await EverybodyWritesAsync();
            if (name.Contains("leader", StringComparison.Ordinal))
            {
                _leaderless.Add((from, TimeProvider.System.GetTimestamp()));
            }

            _faults.Add((name, _clients.Max(client => client.TakeSilence()), _clock.Elapsed - cured));
            await ProbeAsync();
            await handedOn;
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            _violations.Add(Text($"After {name} at {begun.TotalSeconds:0.0} s, noticed at {_clock.Elapsed.TotalSeconds:0.0} s: {e.Message}"));
        }
    }

    private async Task EverybodyWritesAsync()
    {
        var written = _clients.ToDictionary(client => client.Number, client => client.WhenWrittenAsync());
        try
        {
            await Task.WhenAll(written.Values).WaitAsync(RecoveryBound, TimeProvider.System);
        }
        catch (TimeoutException e)
        {
            var silent = _clients.Where(client => !written[client.Number].IsCompleted).Select(client => $"client {client.Number} ({client.Client.Session})");
            throw new TimeoutException($"Not well again within {RecoveryBound.TotalSeconds:0} s: nothing was written by {string.Join(", ", silent)}.", e);
        }
    }

    // Nobody can hold what a ghost blocks, or what nobody is woken for: then all wait for ever, and no two hold it.
    private static async Task HandedOnAsync(string what, IReadOnlyList<Contender> contenders)
    {
        try
        {
            await Task.WhenAny(contenders.Select(contender => contender.WhenTakenAsync())).WaitAsync(RecoveryBound, TimeProvider.System);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"Nobody took the {what} for {RecoveryBound.TotalSeconds:0} s.", e);
        }
    }

    private async Task ProbeAsync()
    {
        foreach (var register in Registers)
        {
            Operation probe;
            do
            {
                probe = await _clients[0].SetAsync(register);
            }
            while (probe.Ending is Ending.Unknown or Ending.NotSent);
            if (probe.State is not { } state)
            {
                throw new InvalidOperationException($"The probe of {register} ended as {probe.Ending} {probe.Code}.");
            }

            await _sightings.WhenSeenAsync(register, state.Mzxid, SightingBound);
        }
    }

    private async Task CalmAsync()
    {
        foreach (var proxy in _clients.SelectMany(client => client.Proxies))
        {
            proxy.Calm();
        }

        try
        {
            await Task.WhenAll(_writers.Select(writer => writer.StopAsync()));
            await Task.WhenAll(_locks.Concat(_leads).Select(contender => contender.StopAsync())).WaitAsync(RecoveryBound, TimeProvider.System);
            await ProbeAsync();
            await Task.WhenAll(_watchers.Select(watcher => watcher.DrainAsync(SightingBound)));
            await Direct.CreateAsync($"{Folder}/end-of-all", default, cancellationToken: Cancel.Soon);
            await Task.WhenAll(_caches.Select(cache => cache.WhenAtAsync($"{Folder}/end-of-all", isThere: true, SightingBound)));
            await EphemeralsGoneAsync();
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException or ZooKeeperException)
        {
            _violations.Add($"At the end: {e.Message}");
        }
    }

    // Those of sessions that nobody has any more.
    private async Task EphemeralsGoneAsync()
    {
        await Direct.SyncAsync(Own, Cancel.Soon);
        var living = _clients.Select(client => client.Client.Session.SessionId).ToHashSet();
        foreach (var name in (await Direct.GetChildrenAsync(Own, Cancel.Soon)).Names)
        {
            var watched = await Direct.ExistsAndWatchAsync($"{Own}/{name}", Cancel.Soon);
            if (watched.Value is { EphemeralOwner: not 0 } stat && !living.Contains(stat.EphemeralOwner))
            {
                await watched.Changed.WaitAsync(RecoveryBound, TimeProvider.System);
            }
        }
    }

    private async Task<(RunHistory History, RunJudge Judge, int Stretches, int Changes)> JudgeAsync()
    {
        foreach (var (path, states) in await ServerComparison.CompareAsync(_servers!.Ports, [Folder, Own], Cancel.Soon))
        {
            _differing.Add(path);
            _log.Add($"the servers differ: {path} is {states}");
        }

        var history = new RunHistory { Operations = [.. _clients.SelectMany(client => client.TakeOperations())] };
        await Direct.SyncAsync(Folder, Cancel.Soon);
        foreach (var register in Registers)
        {
            history.Registers[register] = ProofClient.StateOf(await Direct.GetDataAsync(register, Cancel.Soon));
        }

        foreach (var name in (await Direct.GetChildrenAsync(Own, Cancel.Soon)).Names)
        {
            history.Nodes[$"{Own}/{name}"] = System.Text.Encoding.ASCII.GetString((await Direct.GetDataAsync($"{Own}/{name}", Cancel.Soon)).Data);
        }

        foreach (var client in _clients)
        {
            history.Epochs[client.Number] = client.Client.Session.Epoch;
            _violations.AddRange(client.Violations);
        }

        var judge = RunJudge.Judge(history);
        _violations.AddRange(judge.Violations);
        _violations.AddRange(judge.StaleSyncs.Where(read => !_leaderless.Exists(time => time.From <= read.Ended && read.Begun <= time.Until)).Select(static read => $"Old behind a sync, and no leader that was one no more: {read}."));
        var watches = new WatchJudge(judge, Registers);
        foreach (var watcher in _watchers)
        {
            watches.Judge(watcher.Name, watcher.Events, watcher.Markers);
        }

        _violations.AddRange(watches.Violations);
        foreach (var cache in _caches)
        {
            _violations.AddRange(await cache.FindDifferencesAsync(Cancel.Soon));
        }

        foreach (var contenders in new[] { _locks, _leads })
        {
            _violations.AddRange(HolderJudge.Judge(contenders.SelectMany(static c => c.Holdings), contenders.SelectMany(static c => c.Writes)));
        }

        _violations.AddRange(Unjudged(history, watches).Select(static what => $"The run proves nothing: there was no {what}."));
        return (history, judge, watches.Stretches, watches.Changes);
    }

    private IEnumerable<string> Unjudged(RunHistory history, WatchJudge watches)
    {
        foreach (var kind in Enum.GetValues<OperationKind>().Except(history.Operations.Where(static o => o.Ending == Ending.Acknowledged).Select(static o => o.Kind)))
        {
            yield return $"{kind} that was acknowledged";
        }

        if (watches.Changes == 0)
        {
            yield return "change between two markers";
        }

        if (_watchers.Sum(static w => w.OneShots) == 0)
        {
            yield return "one-shot watch";
        }

        foreach (var (what, contenders) in new[] { ("lock", _locks), ("lead", _leads) })
        {
            if (contenders.Count(static c => c.Holdings.Count > 0) < 2 || !contenders.Exists(static c => c.Writes.Count > 0))
            {
                yield return $"{what} that two held in turn, and wrote";
            }
        }
    }

    private static int? NumberOf(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
