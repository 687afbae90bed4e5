using System.Globalization;

namespace RingKeeper.Dashboard;

/// <summary>A moment as the page shows it: its time in UTC, with the day in place of the seconds unless it is today, and room for how long ago it is, which the script fills in.</summary>
internal static class Moment
{
    private static readonly long MaxStamp = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The moment of a stamp; null for one that is no time.</summary>
    public static DateTimeOffset? OfStamp(long microseconds) =>
        microseconds is > 0 && microseconds <= MaxStamp ? DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond) : null;

    /// <summary>Its words for somebody who reads them now.</summary>
    public static string Tell(DateTimeOffset at, DateTimeOffset now) =>
        at.UtcDateTime.ToString(
        at.UtcDateTime.Date == now.UtcDateTime.Date ? "HH:mm:ss" : at.Year == now.Year ? "d MMM HH:mm" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>The words of a stamp; of one that is no time its number.</summary>
    public static string Tell(long microseconds, DateTimeOffset now) => OfStamp(microseconds) is { } at ? Tell(at, now) : Figures.Number(microseconds);

    /// <summary>Writes it, and how long ago it is.</summary>
    public static HtmlWriter Time(this HtmlWriter html, DateTimeOffset at, DateTimeOffset now, bool ago = true)
    {
        html.Element("time", Tell(at, now), ("datetime", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)), ("title", Times.OfStamp((at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond)));
        return ago ? html.Start("span", ("class", "ago"), ("data-at", Figures.Number(at.ToUnixTimeMilliseconds()))).End() : html;
    }

    /// <summary>Writes a stamp, and how long ago it is; one that is no time as its number.</summary>
    public static HtmlWriter Stamp(this HtmlWriter html, long microseconds, DateTimeOffset now, bool ago = true) =>
        OfStamp(microseconds) is { } at ? html.Time(at, now, ago) : html.Text(Figures.Number(microseconds));
}
