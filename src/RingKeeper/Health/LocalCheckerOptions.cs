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

    /// <summary>How long one probe may take (default: null, which means min(<see cref="Interval"/>, <see cref="Threshold"/>)). A probe is cut short where the verdict is due earlier.</summary>
    public TimeSpan? ProbeTimeout { get; init; }

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
