using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Configures the checker that runs in a host; see <c>AddChecker</c>.</summary>
public sealed class CheckerSettings
{
    /// <summary>Gets or sets the time between two probes of a shard, ±10 % (default: 1 s).</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how long a shard may give no good answer before it is dead (default: 2 s). Refused connections count sooner.</summary>
    public TimeSpan Threshold { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets the number of probes that may be under way at once (default: 4).</summary>
    public int WorkerCount { get; set; } = 4;

    /// <summary>Gets or sets the longest time between two counts of the leader (default: 5 s).</summary>
    public TimeSpan RecountInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets settings of the probes' connections, written as <see cref="RingKeeperOptions.Redis"/> (default: null). While this and
    /// <see cref="ConfigureRedis"/> are null, probes connect as the cluster's clients do; otherwise by these two alone. Never logged.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>Gets or sets what is done to the settings of the probes' connections, after <see cref="Redis"/> (default: null). Set in code alone.</summary>
    public Action<ConfigurationOptions>? ConfigureRedis { get; set; }

    /// <summary>
    /// Gets or sets the id of this process's checker, which survives restarts, as <see cref="ZKCheckerOptions.CheckerId"/> (default: null, which means a new one each time). Each
    /// process needs one of its own, so it belongs where a process's own settings are, e.g. its environment.
    /// </summary>
    public string? Id { get; set; }

    /// <summary>Describes the settings without credentials.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"interval {Interval}, threshold {Threshold}, {WorkerCount} workers, recount every {RecountInterval}";
}
