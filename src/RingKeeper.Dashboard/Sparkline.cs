using System.Collections.Immutable;
using System.Text;

namespace RingKeeper.Dashboard;

/// <summary>The last round trips of a shard as a small line, with the same in words.</summary>
internal static class Sparkline
{
    private const double Width = 96;
    private const double Height = 24;
    private const double Margin = 3;

    public static void Write(HtmlWriter html, ImmutableArray<double?> values)
    {
        var told = values.OfType<double>().ToList();
        if (told.Count == 0)
        {
            html.Element("span", "not told", ("class", "empty"));
            return;
        }

        var most = told.Max();
        html.Start("span", ("class", "spark")).Start("svg", ("viewBox", "0 0 96 24"), ("role", "img"), ("aria-label", $"round trips: {Figures.Count(told.Count, "reading", "readings")}, lowest {Figures.Milliseconds(told.Min())}, highest {Figures.Milliseconds(most)}"));
        html.Empty("path", ("d", Path(values, most)));
        if (values[^1] is { } end)
        {
            html.Empty("circle", ("cx", Figures.Point(X(values.Length - 1, values.Length))), ("cy", Figures.Point(Y(end, most))), ("r", "2"));
        }

        html.End();
        if (values[^1] is { } last)
        {
            html.Text(Figures.Milliseconds(last)).End();
        }
        else
        {
            html.Element("small", "none now").End();
        }
    }

    // A gap where nobody told one.
    private static string Path(ImmutableArray<double?> values, double most)
    {
        var path = new StringBuilder();
        var drawing = false;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
            {
                path.Append(drawing ? 'L' : 'M').Append(Figures.Point(X(i, values.Length))).Append(' ').Append(Figures.Point(Y(value, most)));
            }

            drawing = values[i] is not null;
        }

        return path.ToString();
    }

    private static double X(int index, int count) => Margin + (count < 2 ? Width - (2 * Margin) : (Width - (2 * Margin)) * index / (count - 1));

    private static double Y(double value, double most) => Height - Margin - (most > 0 ? (Height - (2 * Margin)) * Math.Clamp(value / most, 0, 1) : 0);
}
