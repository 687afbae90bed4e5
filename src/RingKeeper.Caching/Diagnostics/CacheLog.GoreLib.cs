using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>What a cache in the format of the Go package logs.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(4020, LogLevel.Warning, "The clock of shard {Addr} is {Milliseconds:0.0} ms ahead of this process's (known to {Uncertainty:0.0} ms), more than half of the clock tolerance of {Tolerance:0} ms: set the clocks right. Beyond the tolerance, copies in the format of the Go package may be stale")]
    public static partial void ClockDiffers(ILogger logger, string addr, double milliseconds, double uncertainty, double tolerance);

    [LoggerMessage(4021, LogLevel.Information, "The clock of shard {Addr} agrees with this process's again: it is {Milliseconds:0.0} ms ahead")]
    public static partial void ClockAgrees(ILogger logger, string addr, double milliseconds);

    [LoggerMessage(4022, LogLevel.Information, "The clock of shard {Addr} cannot be compared with this process's: {Reason}. It is tried again at most once a minute; where the user may not ask for TIME, allow it by +time")]
    public static partial void ClockUnknown(ILogger logger, string addr, string reason);

    [LoggerMessage(4023, LogLevel.Warning, "Shard {Addr} holds a copy whose serial is more than {Milliseconds:0} ms, twice the clock tolerance, ahead of this process's clock; a write was refused. Its writer had a later view, or a clock is off")]
    public static partial void SerialAhead(ILogger logger, string addr, double milliseconds);
}
