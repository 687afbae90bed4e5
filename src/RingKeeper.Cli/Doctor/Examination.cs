using RingKeeper.Cli.Commands;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;
using Connection = RingKeeper.Cli.Handlers.Connection;

namespace RingKeeper.Cli.Doctor;

/// <summary>Asks all servers of a cluster, side by side and each within a time; changes nothing. What cannot be asked is part of the answer.</summary>
/// <param name="request">What to ask.</param>
/// <param name="time">The source of time.</param>
internal sealed class Examination(DoctorRequest request, TimeProvider time)
{
    /// <summary>How many reads and syncs are timed.</summary>
    public const int LatencySamples = 5;

    // A vote bears its time before a quorum has put it on disk, which no sync waits for: a slow disk must not look like a clock that is behind.
    private static readonly TimeSpan OfDisks = TimeSpan.FromMilliseconds(100);

    private readonly Questions _questions = new(request.Timeout, time);

    /// <summary>Asks them all.</summary>
    public async Task<DoctorFacts> RunAsync(CancellationToken cancellationToken)
    {
        var servers = AskServersAsync(cancellationToken);
        var rest = await AskClusterAsync(cancellationToken);
        return rest with { Servers = await servers };
    }

    private async Task<IReadOnlyList<ServerAnswer>> AskServersAsync(CancellationToken cancellationToken)
    {
        var transport = request.ZooKeeper.Tls is { } tls ? new ZooKeeperTlsTransport(tls) : null;
        return await Task.WhenAll(ConnectString.Parse(request.ZooKeeper.Servers).Servers.Select(async server =>
        {
            var name = $"{server}";
            return new ServerAnswer(name, await _questions.AskAsync(token => ZooKeeperServer.GetStatisticsAsync(name, transport, request.Timeout, token), cancellationToken));
        }));
    }

    private async Task<DoctorFacts> AskClusterAsync(CancellationToken cancellationToken)
    {
        // As a checker asks, whose session is what detection hangs on. It gives up before the question does: only then is told why.
        var asked = request.ZooKeeper.SessionTimeout ?? CheckerCommand.SessionTimeout;
        var options = Connection.To(request.ZooKeeper) with { ZKTimeout = asked, StartTimeout = request.Timeout * 0.9 };
        var connected = await _questions.AskAsync(token => ZKConnector.ConnectAsync(options, token), cancellationToken);
        if (connected.Value is not { } connector)
        {
            return Nothing(connected.Trouble);
        }

        await using (connector)
        {
            var session = AskSessionAsync(connector.Client, asked, cancellationToken);
            var open = _questions.AskAsync<IReadOnlyList<string>>(token => connector.GetOpenNodesAsync(request.Name, token), cancellationToken);
            var fleet = await _questions.AskAsync(token => Fleet.ReadAsync(connector, request.Name, token), cancellationToken);
            var shards = AskShardsAsync(fleet.Value?.Cluster.Shards ?? [], cancellationToken);
            var clock = fleet.Value is { } read ? LookAtClockAsync(connector.Client, read, session, cancellationToken) : Task.FromResult(new Asked<ClockLook>(null, fleet.Trouble));
            return new DoctorFacts(request.Name, time.GetUtcNow(), request.Timeout)
            {
                Servers = [], Session = new(await session, ""), Fleet = fleet, OpenNodes = await open, Shards = await shards, ZooKeeperClock = await clock,
            };
        }
    }

    private DoctorFacts Nothing(string trouble)
    {
        var why = $"there is no session with ZooKeeper: {trouble}";
        return new DoctorFacts(request.Name, time.GetUtcNow(), request.Timeout)
        {
            Servers = [], Session = new(null, trouble), Fleet = new(null, why), OpenNodes = new(null, why), Shards = [], ZooKeeperClock = new(null, why),
        };
    }

    private async Task<SessionFacts> AskSessionAsync(ZooKeeperClient client, TimeSpan asked, CancellationToken cancellationToken)
    {
        var snapshot = client.Session;
        var ensemble = _questions.AskAsync(async token => await client.GetConfigAsync(token), cancellationToken);
        var latencies = _questions.AskAsync(token => MeasureAsync(client, token), cancellationToken);
        return new SessionFacts(asked, snapshot.NegotiatedTimeout, snapshot.Server ?? "") { Ensemble = await ensemble, Latencies = await latencies };
    }

    // The first of each is not counted: code is compiled and names are looked up for it.
    private async Task<Latencies> MeasureAsync(ZooKeeperClient client, CancellationToken cancellationToken)
    {
        var (read, sync) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var i = 0; i <= LatencySamples; i++)
        {
            var start = time.GetTimestamp();
            await client.ExistsAsync(ZKPaths.Root, cancellationToken);
            var middle = time.GetTimestamp();
            await client.SyncAsync(ZKPaths.Root, cancellationToken);
            if (i > 0)
            {
                read = TimeSpan.FromTicks(Math.Max(read.Ticks, time.GetElapsedTime(start, middle).Ticks));
                sync = TimeSpan.FromTicks(Math.Max(sync.Ticks, time.GetElapsedTime(middle).Ticks));
            }
        }

        return new Latencies(read, sync);
    }

    private async Task<IReadOnlyList<ShardAnswer>> AskShardsAsync(IReadOnlyList<Shard> shards, CancellationToken cancellationToken)
    {
        var reader = new ShardFactsReader(request.Redis.Apply, time);
        return await Task.WhenAll(shards.Select(async shard =>
            new ShardAnswer(shard, await _questions.AskAsync(token => reader.ReadAsync(shard.Addr, token), cancellationToken))));
    }

    /// <summary>
    /// Looks at ZooKeeper's clock without a write of its own: the next vote that a checker writes bears the time of ZooKeeper's leader, and the event of it comes as soon as a sync
    /// would have taken, the way from the leader through a quorum to here, and the quorum's disks.
    /// </summary>
    private async Task<Asked<ClockLook>> LookAtClockAsync(ZooKeeperClient client, Fleet fleet, Task<SessionFacts> session, CancellationToken cancellationToken)
    {
        var sync = (await session).Latencies.Value?.Sync;
        if (sync is not { } delivery || fleet.Nodes.Votes.Count == 0)
        {
            return new Asked<ClockLook>(null, sync is null ? "a sync has no answer" : "no checker is present");
        }

        return await _questions.AskAsync(
            async token =>
            {
                var watches = await Task.WhenAll(fleet.Nodes.Votes.Select(async vote => (vote.Node, Watch: await client.ExistsAndWatchAsync(ZKPaths.Vote(request.Name, vote.Node), token))));
                var changes = watches.Where(static one => one.Watch.Value is not null).ToDictionary(static one => (Task)one.Watch.Changed, static one => one.Node);
                while (changes.Count > 0)
                {
                    var changed = await Task.WhenAny(changes.Keys).WaitAsync(token);
                    var heard = time.GetUtcNow();
                    changes.Remove(changed, out var node);
                    if (await client.ExistsAsync(ZKPaths.Vote(request.Name, node!), token) is { } stat)
                    {
                        // Written between the event and one delivery before it, but for the disks.
                        var reading = ClockReading.OfRoundTrip(heard - delivery, delivery, DateTimeOffset.FromUnixTimeMilliseconds(stat.Mtime), TimeSpan.FromMilliseconds(1));
                        return new ClockLook(reading with { Uncertainty = reading.Uncertainty + OfDisks });
                    }
                }

                throw new RingKeeperException("every checker that was present has left");
            },
            cancellationToken);
    }
}
