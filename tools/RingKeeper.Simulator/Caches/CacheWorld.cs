using RingKeeper.Simulator.Rivals;

namespace RingKeeper.Simulator.Caches;

/// <summary>The clients of a run that keep a cache on its shards, what the shards hold, and what goes wrong between the two.</summary>
internal sealed class CacheWorld
{
    public const int KeyCount = 12;

    public static readonly byte[][] Keys = [.. Enumerable.Range(0, KeyCount).Select(static n => System.Text.Encoding.ASCII.GetBytes($"key{n}"))];

    private readonly Simulation _simulation;
    private readonly Dictionary<string, SimulatedRedis> _redis = new(StringComparer.Ordinal);
    private readonly List<CacheClient> _clients = [];
    private long _written;

    public CacheWorld(Simulation simulation, SimulationOptions options)
    {
        (_simulation, Rule, IsCompared, Format) = (simulation, options.Rule, options.IsCompared, options.Profile.Format);
        Oracle = new CacheOracle(this, simulation.Laws, simulation.Agenda);
        foreach (var shard in simulation.ShardList.Select(s => simulation.Shards[s.Addr]))
        {
            _redis.Add(shard.Addr, new SimulatedRedis(this, simulation.Agenda, shard, simulation.NextRandom()));
        }
    }

    public CacheOracle Oracle { get; }

    public CacheRule Rule { get; }

    public bool IsCompared { get; }

    /// <summary>In which format clients keep copies.</summary>
    public CacheFormat Format { get; }

    /// <summary>How late after the time of its stamp a change may be published for copies judged by clocks to be promised anything; null where they are promised nothing, whatever the lateness.</summary>
    public TimeSpan? AllowedLateness
    {
        get
        {
            var profile = _simulation.Profile;
            var left = (profile.ClockTolerance ?? CopyRules.Default.ClockTolerance) - (profile.ClockSpread / 2);
            return profile.ClockSpread < (profile.ClockTolerance ?? CopyRules.Default.ClockTolerance) ? left : null;
        }
    }

    public Agenda Agenda => _simulation.Agenda;

    public Mutation? Mutation => _simulation.Mutation;

    public ScriptFlaws Flaws => Mutation?.Script ?? ScriptFlaws.None;

    public IReadOnlyList<CacheClient> Clients => _clients;

    /// <summary>The shards as they were when the first client came: the list that clients without a source of it are configured with, all with the same.</summary>
    public HashRing? FirstRing => field ??= _clients.Select(static c => c.View.View?.Ring).FirstOrDefault(static r => r is not null);

    public SimulatedRedis Redis(string addr) => _redis[addr];

    public long NextNumber() => ++_written;

    public void Break(Exception fault) => _simulation.Laws.Break(Law.NoStepFails, fault.ToString());

    public void Count(FaultKind kind) => _simulation.Faults.Count(kind);

    /// <summary>Gives a client its cache.</summary>
    public void Join(SimulatedClient client) => _clients.Add(new CacheClient(this, client, _redis, _simulation.NextRandom()));

    /// <summary>Where all clients would go with a key; null where they do not agree.</summary>
    public string? AgreedAddr(int key)
    {
        string? agreed = null;
        foreach (var client in _clients)
        {
            var addr = client.AddrOf(key);
            if (addr is null || (agreed is not null && addr != agreed))
            {
                return null;
            }

            agreed = addr;
        }

        return agreed;
    }

    /// <summary>Makes one thing go wrong.</summary>
    /// <param name="kind">What.</param>
    /// <param name="random">Draws where.</param>
    /// <param name="later">Runs something when it is to end.</param>
    public void Inject(FaultKind kind, Random random, Action<Action> later)
    {
        var client = _clients[random.Next(_clients.Count)];
        switch (kind)
        {
            case FaultKind.TopologyUnseen when !client.View.HoldsTopology:
                Count(kind);
                client.View.HoldsTopology = true;
                later(() => client.View.HoldsTopology = false);
                break;
            case FaultKind.StatusUnseen when !client.View.HoldsStatus:
                Count(kind);
                client.View.HoldsStatus = true;
                later(() => client.View.HoldsStatus = false);
                break;
            case FaultKind.ClientPaused when !client.Process.IsPaused:
                Count(kind);
                client.Process.Pause();
                later(client.Process.Resume);
                break;
            case FaultKind.LinkBroken:
                Count(kind);
                client.Links[random.Next(client.Links.Count)].Break();
                break;
            case FaultKind.KeysEvicted:
                Count(kind);
                _redis.Values.ElementAt(random.Next(_redis.Count)).Evict();
                break;
        }
    }
}
