using System.Globalization;
using System.Text;

namespace RingKeeper.Simulator.Detectors;

/// <summary>
/// The curves of a bake-off as SVG: false deaths against the time to notice a hang, and a crash. The points carry the table's own figures.
/// </summary>
internal static class BakeOffPicture
{
    private const double Width = 440;
    private const double Height = 300;
    private const double Left = 56;
    private const double Top = 72;
    private const double Gap = 72;
    private const double MostSeconds = 8;

    // Below it "none" has its own line: a logarithm knows no zero.
    private const double LeastPerDay = 0.1;
    private const double MostPerDay = 1_000;

    private static readonly (string Family, string Colour, string Mark)[] Looks =
    [
        (Contender.Go, "#c2571a", "M-5,-5 5,5 M-5,5 5,-5"),
        (Contender.Fixed, "#7a6fd0", "M-5,-5 H5 V5 H-5 Z"),
        (Contender.Phi, "#2e9e6b", "M0,-6 6,5 -6,5 Z"),
        (Contender.RingKeeper, "#d0337a", "M-6,0 A6,6 0 1 0 6,0 A6,6 0 1 0 -6,0 Z"),
    ];

    public static string Write(BakeOffReport report)
    {
        var points = report.Curve();
        var svg = new StringBuilder();
        var (width, height) = ((2 * Width) + Left + Gap + 32, Height + Top + 56);
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12" role="img" aria-label="False deaths a day against the time to notice a loss">""");
        svg.AppendLine("<style>.paper{fill:#ffffff}.ink{fill:#222222}.line{stroke:#bbbbbb;fill:none}@media (prefers-color-scheme: dark){.paper{fill:#161b22}.ink{fill:#dddddd}.line{stroke:#555555}}</style>");
        svg.AppendLine("""<rect class="paper" width="100%" height="100%"/>""");
        Legend(svg);
        Panel(svg, points, Left, "hang", "seconds until a hang is noticed (median)", static point => point.Hang);
        Panel(svg, points, Left + Width + Gap, "crash", "seconds until a crash is noticed (median)", static point => point.Crash);
        svg.AppendLine("</svg>");
        return svg.ToString();
    }

    private static void Legend(StringBuilder svg)
    {
        var x = Left;
        foreach (var (family, colour, mark) in Looks)
        {
            svg.AppendLine($"""<path d="{mark}" transform="translate({Text(x)},20)" fill="{colour}" stroke="{colour}" stroke-width="2"/><text class="ink" x="{Text(x + 12)}" y="24">{family}</text>""");
            x += 150;
        }

        svg.AppendLine($"""<text class="ink" x="{Text(Left)}" y="48">False deaths a day, over the patience of each detector; a filled mark is a default. Left and low is better.</text>""");
    }

    private static void Panel(StringBuilder svg, IReadOnlyList<CurvePoint> points, double left, string name, string label, Func<CurvePoint, TimeSpan?> time)
    {
        for (var seconds = 0; seconds <= MostSeconds; seconds++)
        {
            var x = X(left, seconds);
            svg.AppendLine($"""<path class="line" d="M{Text(x)},{Text(Top)} V{Text(Top + Height)}"/><text class="ink" x="{Text(x)}" y="{Text(Top + Height + 18)}" text-anchor="middle">{seconds}</text>""");
        }

        for (var perDay = LeastPerDay; perDay <= MostPerDay; perDay *= 10)
        {
            var y = Y(perDay);
            var text = perDay == LeastPerDay ? "none" : perDay.ToString("0.#", CultureInfo.InvariantCulture);
            svg.AppendLine($"""<path class="line" d="M{Text(left)},{Text(y)} H{Text(left + Width)}"/><text class="ink" x="{Text(left - 6)}" y="{Text(y + 4)}" text-anchor="end">{text}</text>""");
        }

        svg.AppendLine($"""<text class="ink" x="{Text(left + (Width / 2))}" y="{Text(Top + Height + 38)}" text-anchor="middle">{label}</text>""");
        foreach (var (family, colour, mark) in Looks)
        {
            CurvePoint[] curve = [.. points.Where(point => point.Contender.Family == family && time(point) is not null)];
            if (curve.Length == 0)
            {
                continue;
            }

            svg.AppendLine($"""<path d="M{string.Join(" L", curve.Select(point => $"{Text(X(left, time(point)!.Value.TotalSeconds))},{Text(Y(point.FalseDeathsPerDay))}"))}" fill="none" stroke="{colour}" stroke-width="1.5"/>""");
            foreach (var point in curve)
            {
                Point(svg, point, left, name, time(point)!.Value, colour, mark);
            }
        }
    }

    private static void Point(StringBuilder svg, CurvePoint point, double left, string panel, TimeSpan time, string colour, string mark)
    {
        var (seconds, perDay) = (BakeOffTable.Seconds(time), BakeOffTable.Number(point.FalseDeathsPerDay));
        svg.AppendLine(
            $"""
            <path class="point" data-panel="{panel}" data-detector="{point.Contender.Family}" data-setting="{point.Contender.Setting}" data-seconds="{seconds}" data-false-deaths="{perDay}" d="{mark}" transform="translate({Text(X(left, time.TotalSeconds))},{Text(Y(point.FalseDeathsPerDay))})" fill="{(point.Contender.IsDefault ? colour : "none")}" stroke="{colour}" stroke-width="2"><title>{point.Contender.Name}: {seconds} s, {perDay} false deaths a day</title></path>
            """);
    }

    private static double X(double left, double seconds) => left + (Width * Math.Min(seconds, MostSeconds) / MostSeconds);

    private static double Y(double perDay) => Top + (Height * Math.Log10(MostPerDay / Math.Clamp(perDay, LeastPerDay, MostPerDay)) / Math.Log10(MostPerDay / LeastPerDay));

    private static string Text(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
