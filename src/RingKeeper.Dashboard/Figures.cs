using System.Globalization;

namespace RingKeeper.Dashboard;

/// <summary>Shows numbers and times to people. Pure.</summary>
internal static class Figures
{
    private const double Kibi = 1024;
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>A share: <c>33.4 %</c>.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0} %");

    /// <summary>A number with its thousands apart.</summary>
    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A number and what it counts.</summary>
    public static string Count(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    /// <summary>A size in bytes: <c>1.4 GiB</c>.</summary>
    public static string Bytes(long bytes)
    {
        var (size, unit) = ((double)bytes, 0);
        for (; Math.Abs(size) >= Kibi && unit < Units.Length - 1; unit++)
        {
            size /= Kibi;
        }

        return size.ToString(unit == 0 || size >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary>Milliseconds: <c>0.42 ms</c>.</summary>
    public static string Milliseconds(double milliseconds) => milliseconds.ToString(milliseconds >= 10 ? "0" : "0.00", CultureInfo.InvariantCulture) + " ms";

    /// <summary>How long something takes or is ago: <c>0.4 s</c>, <c>12 s</c>, <c>3 min</c>, <c>5 h</c>, <c>2 d</c>.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(time.TotalSeconds, 0):0.0} s"),
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        < 7_200 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0} d"),
    };

    /// <summary>An age that is told in whole seconds, so that it does not seem more exact than it is.</summary>
    public static string Age(double seconds) => seconds < 120 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(Math.Max(seconds, 0)):0} s") : Duration(TimeSpan.FromSeconds(seconds));

    /// <summary>A coordinate, as short as it can be.</summary>
    public static string Point(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A whole number.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Names in a row: <c>a, b and c</c>; of many only the first, and how many more.</summary>
    public static string List(IReadOnlyList<string> names, int most = 4) => names.Count switch
    {
        0 => "none",
        1 => names[0],
        _ when names.Count <= most => $"{string.Join(", ", names.Take(names.Count - 1))} and {names[^1]}",
        _ => $"{string.Join(", ", names.Take(most - 1))} and {Number(names.Count - most + 1)} more",
    };
}
