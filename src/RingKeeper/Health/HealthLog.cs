using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>What the room Health logs.</summary>
internal static partial class HealthLog
{
    [LoggerMessage(2001, LogLevel.Information, "Shard {Addr} is alive")]
    public static partial void Alive(ILogger logger, string addr);

    [LoggerMessage(2002, LogLevel.Warning, "Shard {Addr} is dead: {Outcome} {Detail}. It needs {Answers} good answers to return")]
    public static partial void Dead(ILogger logger, string addr, ProbeOutcome outcome, string? detail, int answers);

    [LoggerMessage(2003, LogLevel.Error, "Shard {Addr} refuses this checker: {Detail}. Correct user, password or TLS in its settings of Redis; until then there is no verdict on the shard")]
    public static partial void Misconfigured(ILogger logger, string addr, string? detail);

    [LoggerMessage(2004, LogLevel.Debug, "A probe of shard {Addr} failed: {Outcome} {Detail}")]
    public static partial void ProbeFailed(ILogger logger, string addr, ProbeOutcome outcome, string? detail);

    [LoggerMessage(2005, LogLevel.Information, "Shard {Addr} is busy with a long script; it counts as alive")]
    public static partial void Busy(ILogger logger, string addr);

    [LoggerMessage(2006, LogLevel.Information, "Shard {Addr} takes this checker again")]
    public static partial void Resumed(ILogger logger, string addr);
}
