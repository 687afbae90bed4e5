using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>How a <see cref="LocalChecker"/> probes.</summary>
public sealed record LocalCheckerOptions
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>The time from the start of one probe of a shard to the next, ±10 % (default: 1 s).</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A shard is dead when this time has passed without a good answer (default: 2 s). At least twice <see cref="Interval"/> tolerates a lost probe.</summary>
    public TimeSpan Threshold { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many probes run at a time (default: 4). One that finds no worker free within a tenth of <see cref="Threshold"/> runs without, so that hung shards delay no other's verdict.</summary>
    public int WorkerCount { get; init; } = 4;

    /// <summary>
    /// How long one probe may take (default: null, which means that it follows from the shard's last 100 round trips, as
    /// clamp(mean + 5.612 · max(standard deviation, mean/4), min(250 ms, M), M) with M = min(<see cref="Interval"/>, <see cref="Threshold"/>); M before
    /// the fourth answer and after a failed probe). A probe is cut short where the verdict is due earlier, but given <see cref="Threshold"/>/10 at least.
    /// A deadline that passes only makes the checker ask again; it is <see cref="Threshold"/> that decides.
    /// </summary>
    public TimeSpan? ProbeTimeout { get; init; }

    /// <summary>What a shard that died must do to be called alive again (default: <see cref="FlapPolicy.Go"/>).</summary>
    public FlapPolicy FlapPolicy { get; init; }

    /// <summary>Sets user, password and TLS of the probe's own connections; the same action that serves a client serves here (default: null).</summary>
    public Action<ConfigurationOptions>? ConfigureRedis { get; init; }

    /// <summary>Creates the probe of a shard (default: null, which means PING over an own connection).</summary>
    public Func<Shard, IShardProbe>? CreateProbe { get; init; }

    /// <summary>The source of time (default: the system's).</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The source of the jitter (default: a new one, seeded at random).</summary>
    public Random Random { get; init; } = new();

    /// <summary>Receives what happens (default: nobody).</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>What reads this process's own pauses beside the heartbeat (default: null, which means the garbage collector and the thread pool).</summary>
    internal Func<SelfReading>? SelfSensors { get; init; }

    /// <summary>Whether the checker watches itself (default: true). Without, virtual time may jump.</summary>
    internal bool WatchesItself { get; init; } = true;

    /// <summary>From the start of one probe to the next of a dead shard that refuses or is not ready: clamp(Interval/8, 50 ms, 250 ms), at most Interval.</summary>
    internal TimeSpan WhileDeadInterval => TimeSpan.FromTicks(Math.Min(Interval.Ticks, Math.Clamp(Interval.Ticks / 8, 50 * TimeSpan.TicksPerMillisecond, 250 * TimeSpan.TicksPerMillisecond)));

    internal TimeSpan EffectiveProbeTimeout => ProbeTimeout ?? (Interval < Threshold ? Interval : Threshold);

    internal void Validate()
    {
        Require(nameof(Interval), Interval);
        Require(nameof(Threshold), Threshold);
        Require(nameof(ProbeTimeout), EffectiveProbeTimeout);
        if (WorkerCount is < 1 or > 1024)
        {
            throw new RingKeeperException($"WorkerCount is {WorkerCount}. Set it to a number from 1 to 1024, e.g. 4.");
        }

        if (!Enum.IsDefined(FlapPolicy))
        {
            throw new RingKeeperException($"FlapPolicy is {FlapPolicy}. Set it to Go, Decaying or Off.");
        }

        if (TimeProvider is null || Random is null || Logger is null)
        {
            throw new RingKeeperException("TimeProvider, Random or Logger is null. Leave them out of the options to get the defaults.");
        }
    }

    private static void Require(string name, TimeSpan value)
    {
        if (value < TimeSpan.FromMilliseconds(1) || value > Longest)
        {
            throw new RingKeeperException($"{name} is {value}. Set it to a time from one millisecond to one day, e.g. one second.");
        }
    }
}
