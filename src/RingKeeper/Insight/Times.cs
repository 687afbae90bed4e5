using System.Globalization;

namespace RingKeeper;

/// <summary>Shows stamps to people.</summary>
internal static class Times
{
    private static readonly long MaxStamp = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>A stamp as a time in UTC; one that is no time as its number.</summary>
    public static string OfStamp(long microseconds) =>
        microseconds > 0 && microseconds <= MaxStamp
            ? DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
            : microseconds.ToString(CultureInfo.InvariantCulture);
}
