using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>What the room Health logs.</summary>
internal static partial class HealthLog
{
    [LoggerMessage(2001, LogLevel.Information, "Shard {Addr} is alive")]
    public static partial void Alive(ILogger logger, string addr);

    [LoggerMessage(2002, LogLevel.Warning, "Shard {Addr} is dead: {Detail} ({Outcome}), {Silence}. {WayBack}")]
    public static partial void Dead(ILogger logger, string addr, string detail, ProbeOutcome outcome, string silence, string wayBack);

    [LoggerMessage(2003, LogLevel.Error, "Shard {Addr} refuses this checker: {Detail}. Correct user, password or TLS in its settings of Redis; until then there is no verdict on the shard")]
    public static partial void Misconfigured(ILogger logger, string addr, string? detail);

    [LoggerMessage(2004, LogLevel.Debug, "A probe of shard {Addr} failed: {Outcome} {Detail}")]
    public static partial void ProbeFailed(ILogger logger, string addr, ProbeOutcome outcome, string? detail);

    [LoggerMessage(2005, LogLevel.Information, "Shard {Addr} is busy with a long script; it counts as alive")]
    public static partial void Busy(ILogger logger, string addr);

    [LoggerMessage(2006, LogLevel.Information, "Shard {Addr} takes this checker again")]
    public static partial void Resumed(ILogger logger, string addr);

    [LoggerMessage(2007, LogLevel.Warning, "Shard {Addr} was restarted: its run_id was {Old} and is {New}. What it held may be lost or old")]
    public static partial void Restarted(ILogger logger, string addr, string old, string? @new);

    [LoggerMessage(2008, LogLevel.Warning, "Shard {Addr} changed its role from {Old} to {New}")]
    public static partial void RoleChanged(ILogger logger, string addr, string old, string? @new);

    [LoggerMessage(2009, LogLevel.Warning, "Shard {Addr} does not tell its run_id, so that a restart between two probes goes unseen: {Detail}. Where INFO is refused, give the checker's user +info")]
    public static partial void NoRunId(ILogger logger, string addr, string detail);

    [LoggerMessage(2010, LogLevel.Debug, "No verdict on shard {Addr} until it is probed again: {Reason}")]
    public static partial void Distrusts(ILogger logger, string addr, string? reason);

    [LoggerMessage(2011, LogLevel.Debug, "Shard {Addr} is {Verdict} as before the pause")]
    public static partial void Trusts(ILogger logger, string addr, ShardVerdict verdict);

    [LoggerMessage(EventId = 2012, Message = "The verdicts on {Shards} shards are withheld until each has been probed again: {Reason}")]
    public static partial void Paused(ILogger logger, LogLevel level, int shards, string? reason);
}
