using System.Globalization;

namespace RingKeeper.Simulator;

/// <summary>A Redis server as probes see it.</summary>
internal sealed class SimulatedShard(Agenda agenda, Network network, int host, string addr)
{
    private int _run;
    private long _troubledUntil;

    public string Addr { get; } = addr;

    public int Host { get; } = host;

    /// <summary>Hears that its state or its run changed.</summary>
    public Action Changed { get; set; } = static () => { };

    public ShardState State { get; private set; } = ShardState.Well;

    /// <summary>How much longer than the network every answer takes.</summary>
    public TimeSpan Slowness { get; private set; }

    public string RunId => string.Create(CultureInfo.InvariantCulture, $"{Host:x8}{_run:x32}");

    /// <summary>Whether anything was wrong with it since that time.</summary>
    public bool WasTroubled(long since) => State != ShardState.Well || Slowness > TimeSpan.Zero || _troubledUntil > since;

    public void Set(ShardState state, TimeSpan slowness = default)
    {
        _run += state == ShardState.Well && State == ShardState.Down ? 1 : 0;
        _troubledUntil = agenda.Now;
        (State, Slowness) = (state, slowness);
        Changed();
    }

    /// <summary>Restarts so fast that no probe need notice.</summary>
    public void Restart()
    {
        _run++;
        _troubledUntil = agenda.Now;
        Changed();
    }

    /// <summary>What a probe from a host finds, and after how long.</summary>
    public (ProbeOutcome Outcome, TimeSpan Takes) Probe(int from, TimeSpan timeout)
    {
        if (network.IsBlocked(from, Host) || network.IsBlocked(Host, from) || State == ShardState.Hung)
        {
            return (ProbeOutcome.TimedOut, timeout);
        }

        var takes = network.Latency(from, Host) + network.Latency(Host, from) + Slowness;
        if (takes >= timeout)
        {
            return (ProbeOutcome.TimedOut, timeout);
        }

        return State switch
        {
            ShardState.Down => (ProbeOutcome.Refused, takes),
            ShardState.Loading => (ProbeOutcome.Unready, takes),
            _ => (ProbeOutcome.Alive, takes),
        };
    }
}

/// <summary>How a shard is.</summary>
internal enum ShardState
{
    Well,
    Down,
    Hung,
    Loading,
}
